using System.Data.Common;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Http;

namespace KuaipuCrm.Tests.Architecture;

/// <summary>One breach of every rule, in an assembly that is no module: what <see cref="TheRulesBite"/> must find.</summary>
[Action("无人能得到的权限", "customers.nobody.declared")]
internal sealed record Planted(long Id) : ICommand<Done>
{
    public static readonly string Foreign = "select id from settings.person";
    public static readonly string ForeignTable = "platform.document";

    public static DateTime OwnClock() => DateTime.Now;
    public static DbConnection? OwnConnection(HttpContext context) => context.RequestServices.GetService(typeof(DbConnection)) as DbConnection;
    public static Task Straight(IMediator mediator, INotification fact) => mediator.Publish(fact);
}

/// <summary>Public, where it should be internal; and the only handler of a request that needs one.</summary>
public sealed class PlantedHandler : IQueryHandler<LoadCompany, CompanyData>
{
    public Task<CompanyData> Handle(LoadCompany query, CancellationToken ct) => throw new NotSupportedException();
}

public sealed class PlantedEvent
{
    public Stream? NotPlain { get; set; }
}

public sealed record PlantedRecord(Stream NotPlain);
