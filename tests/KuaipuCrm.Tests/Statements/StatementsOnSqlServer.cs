using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Statements;

/// <summary>What would be sent to SQL Server, shown without a server (OPS-2): it is Transact-SQL, and names tables and columns that its own schema has.</summary>
[Trait("req", "OPS-2")]
[Trait("size", "large")]
public class StatementsOnSqlServer
{
    [Fact]
    public void An_index_is_told_by_what_the_server_says_of_a_second_row()
    {
        Assert.Equal("pk_platform_once", SqlServerEngine.IndexIn("Violation of PRIMARY KEY constraint 'pk_platform_once'. Cannot insert duplicate key in object 'platform.once'. The duplicate key value is (1, a)."));
        Assert.Equal("ux_platform_account_login", SqlServerEngine.IndexIn("Cannot insert duplicate key row in object 'platform.account' with unique index 'ux_platform_account_login'. The duplicate key value is (li)."));
        Assert.Equal("", SqlServerEngine.IndexIn("Violation of UNIQUE KEY constraint."));
    }

    [Fact]
    public async Task Every_statement_binds_to_the_schema_and_avoids_what_sql_server_reads_otherwise()
    {
        var (statements, model) = (await Recording.Statements, await Model());
        Assert.True(statements.Count > 1000, $"only {statements.Count} statements were recorded");
        None(model.Faults(statements));
        None(statements.SelectMany(s => TransactSqlTraps.In(s).Select(trap => $"{trap}: {s}")));
        // No list is left out: each type's columns are sorted by, and its scope, filters and counts are among them.
        foreach (var d in (await Crm.Shared(Engines.SqlServerOnSqlite)).Services.GetRequiredService<ModuleCatalog>().Documents)
            foreach (var field in d.Fields.Where(f => f is { Hidden: false, Kind: not FieldKind.LongText }))
                Assert.True(statements.Any(s => s.Contains(d.Table, StringComparison.Ordinal) && s.Contains($"order by a.{field.SortColumn ?? field.Column} asc", StringComparison.Ordinal)), $"{d.Type} sorted by {field.Name} was not recorded");
        Assert.DoesNotContain(statements, t => Regex.IsMatch(t, @"\blimit\b|\bilike\b|\bon conflict\b|\breturning\b|\bjson_each\b|\bnulls (first|last)\b", RegexOptions.IgnoreCase));
    }

    [Theory]
    [InlineData("select id, nickname from customers.customer where id = @p0", "nickname")]
    [InlineData("select id from customers.customers where id = @p0", "customers.customers")]
    [InlineData("update customers.contact set handy = @p0 where id = @p1", "handy")]
    [InlineData("insert into platform.delivery (event_id, subscriber) values (@p0, @p1)", "subscriber")]
    [InlineData("select c.id from customers.customer c join customers.contact_tie t on t.customer = c.id", "customer")]
    [InlineData("select id from customers.customer where deleted_at is null order by changed_at", "changed_at")]
    [InlineData("select id from settings.person where enabled = true", "enabled")]
    [InlineData("select 1 from platform.document where exists (select 1 from platform.gram g where g.doc_id = 1)", "doc_id")]
    [InlineData("delete from platform.session where sid = @p0", "sid")]
    [InlineData("select a from t where a ilike 'x'", "ilike")]
    [InlineData("select id from customers.customer limit 5", "limit")]
    public async Task A_wrong_name_is_found(string statement, string named) =>
        Assert.Contains((await Model()).Faults([statement, "select id from customers.customer"]), f => f.Contains(named, StringComparison.Ordinal));

    [Theory]
    [InlineData("select * from (select id from customers.customer order by id) x", "ORDER BY clause is not valid")]
    [InlineData("select count(*) from customers.customer order by id", "aggregate")]
    [InlineData("select distinct name from customers.customer order by id", "distinct")]
    [InlineData("select length(name) from customers.customer", "length")]
    [InlineData("select name + 'x' from customers.customer", "+")]
    [InlineData("merge customers.customer as t using customers.contact as s on t.id = s.id when matched then delete;", "merge")]
    public void A_trap_is_found(string statement, string what) =>
        Assert.Contains(SqlServerModel.Errors(statement).Select(e => e.Message).Concat(TransactSqlTraps.In(statement)), t => t.Contains(what, StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void What_is_said_about_indexes_of_custom_fields_parses()
    {
        var engine = new KuaipuCrm.Platform.Data.SqlServerEngine("Server=nowhere;Database=none");
        foreach (var text in (string[])[engine.CustomIndexes, .. engine.CreateCustomIndex("ix_x_1", "customers.customer", "x_1", true, "updated_at desc, id desc"), .. engine.DropCustomIndex("ix_x_1", "customers.customer")])
            Assert.Empty(SqlServerModel.Errors(text));
    }

    internal static void None(IEnumerable<string> faults)
    {
        var all = faults.ToList();
        Assert.True(all.Count == 0, $"{all.Count} faults:\n{string.Join('\n', all.Take(40))}");
    }

    internal static async Task<SqlServerModel> Model() => new(SqlServerSchema.Of((await Crm.Shared(Engines.Sqlite)).Services.GetRequiredService<ModuleCatalog>()));
}
