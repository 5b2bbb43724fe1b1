using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace AfterSales;

/// <summary>Takes a customer's call about something broken: an action on the customer's page.</summary>
[Action("登记维修", "aftersales.repairs.create", On = "customer", Route = "customers/{customerId}/register", Icon = "screwdriver-wrench")]
public sealed record RegisterRepair(long CustomerId, [Label("货品"), Required, MaxLength(100)] string Product, [Label("故障现象"), MaxLength(2000)] string? Fault) : ICommand<long>;

internal sealed class RegisterRepairHandler(IDocuments<Repair> repairs, ICurrentUser me) : ICommandHandler<RegisterRepair, long>
{
    public Task<long> Handle(RegisterRepair command, CancellationToken ct) =>
        repairs.Create(new Repair { Subject = $"{command.Product} 维修", CustomerId = command.CustomerId, Product = command.Product, Fault = command.Fault, State = Repair.Waiting, OwnerId = me.Id }, null, ct);
}
