using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace KuaipuCrm.Tests.Statements;

/// <summary>What would be sent to SQL Server is Transact-SQL, shown without a server (OPS-2): the real handlers run on its dialect against nothing.</summary>
public class StatementsOnSqlServer
{
    [Fact, Trait("req", "OPS-2")]
    public async Task Every_statement_of_lists_and_messages_parses_as_transact_sql()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var catalog = crm.Services.GetRequiredService<ModuleCatalog>();
        var engine = new ShadowSqlServer();
        engine.Protect(catalog.Documents.Select(d => (d.Type, d.Table)));
        var texts = new ConcurrentDictionary<string, bool>();
        engine.Recorder = text => texts.TryAdd(text, true);
        var narrow = await crm.Hire(Employee.Sales, ScopeKind.DepartmentAndBelow);
        foreach (var person in new[] { crm.Admin, narrow })
            foreach (var message in Messages(catalog)) await Carry(crm, engine, person, message);
        Assert.True(texts.Count > 500, $"only {texts.Count} statements were recorded");
        var wrong = texts.Keys.Select(t => (Text: t, Errors: Errors(t))).Where(t => t.Errors.Count > 0).Select(t => $"{t.Errors[0].Message} (line {t.Errors[0].Line}): {t.Text}").ToList();
        Assert.Empty(wrong);
        Assert.DoesNotContain(texts.Keys, t => Regex.IsMatch(t, @"\bmerge\b|\blimit\b|\bilike\b|\bon conflict\b|\breturning\b|\bjson_each\b", RegexOptions.IgnoreCase));
    }

    [Theory]
    [InlineData("select 1 from t limit 5")]
    [InlineData("select a from t where a ilike 'x'")]
    [InlineData("insert into t (a) values (1) on conflict do nothing")]
    public void A_statement_of_another_engine_is_found(string sql) => Assert.NotEmpty(Errors(sql));

    private static IList<ParseError> Errors(string sql)
    {
        new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(sql), out var errors);
        return errors;
    }

    /// <summary>Every list, filter and sort of every type, then every message that can be made from nothing.</summary>
    private static IEnumerable<object> Messages(ModuleCatalog catalog)
    {
        foreach (var d in catalog.Documents)
        {
            foreach (var field in d.Fields.Where(f => !f.Hidden))
            {
                foreach (var descending in new[] { true, false })
                    foreach (var page in new int?[] { null, 3 })
                        yield return new ListDocuments(d.Type, new ListRequest { Sort = field.Name, Descending = descending, Page = page });
                foreach (var op in Enum.GetValues<FilterOp>())
                    foreach (var value in new[] { "1", "2026-01-31", "thisMonth", "A", "是" })
                        yield return new ListDocuments(d.Type, new ListRequest { Filters = [new Filter(field.Name, op, value)], Bin = op == FilterOp.Is });
            }
            foreach (var text in new[] { "长", "长安", "ca", "cqca", "13800138000", "KH2026", "重庆 汽车" })
            {
                yield return new ListDocuments(d.Type, new ListRequest { Text = text });
                yield return new CountDocuments(d.Type, new ListRequest { Text = text });
                yield return new FindChoices(d.Type, text);
            }
            yield return new FindChoices(d.Type, null);
            yield return new CountDocuments(d.Type, new ListRequest());
            yield return new GetDocument(d.Type, 1);
            yield return new GetHistory(d.Type, 1);
            yield return new SaveDocument(d.Type, 1, 1, new Dictionary<string, object?> { [d.Title.Name] = "甲" });
            yield return new SaveDocument(d.Type, null, 0, new Dictionary<string, object?> { [d.Title.Name] = "甲乙丙", ["login"] = "x" }) { OnceKey = "k" };
            yield return new DeleteDocuments(d.Type, [new RowRef(1)]);
            yield return new RestoreDocuments(d.Type, [new RowRef(1)]);
            yield return new PurgeDocuments(d.Type, [new RowRef(1)]);
            yield return new ListSavedQueries(d.Type);
            yield return new SaveQuery(d.Type, "甲", new ListRequest(), true);
        }
        foreach (var tab in catalog.Modules.SelectMany(m => m.Definition.Tabs)) yield return new ListDocuments(tab.Type, new ListRequest { TiedTo = 1, TiedBy = tab.Name });
        foreach (var type in catalog.Modules.Select(m => m.Assembly).Append(typeof(IModule).Assembly).SelectMany(a => a.GetTypes()).Where(t => t is { IsClass: true, IsAbstract: false } && t.GetInterfaces().Any(IsMessage)))
            if (Make(type) is { } message) yield return message;
    }

    private static bool IsMessage(Type i) => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(ICommand<>) || i.GetGenericTypeDefinition() == typeof(IQuery<>));

    private static object? Make(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        try
        {
            return constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType))]);
        }
        catch (Exception e) when (e is TargetInvocationException or ArgumentException or MissingMethodException)
        {
            return null;
        }
    }

    private static object? Value(Type t) => t == typeof(string) ? "customer" : t == typeof(long) || t == typeof(long?) ? 1L : t.IsValueType ? Activator.CreateInstance(t)
        : t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? Array.CreateInstance(t.GetGenericArguments()[0], 0) : null;

    /// <summary>What the handler makes of finding nothing is not asked; its statements are.</summary>
    private static async Task Carry(Crm crm, ShadowSqlServer engine, Employee person, object message)
    {
        await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope(b => b.RegisterInstance<Engine>(engine).As<Engine>().As<IDialect>().ExternallyOwned());
        scope.Resolve<Caller>().ActAs(person.Id, "test");
        try
        {
            var result = message.GetType().GetInterfaces().Single(IsMessage).GetGenericArguments();
            await (Task)typeof(IMediator).GetMethods().Single(m => m is { Name: nameof(IMediator.Send), IsGenericMethod: true }).MakeGenericMethod(result).Invoke(scope.Resolve<IMediator>(), [message, CancellationToken.None])!;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            // No rows, no database: nearly every command ends in a refusal.
        }
    }
}
