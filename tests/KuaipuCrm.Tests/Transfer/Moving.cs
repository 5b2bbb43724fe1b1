using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Tests.Running;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KuaipuCrm.Tests.Transfer;

/// <summary>A company outgrows the file and moves to a server; nothing is lost on the way (OPS-6).</summary>
[Trait("req", "OPS-6")]
[Trait("size", "large")]
public class Moving
{
    private static readonly string[] Questions =
    [
        "/api/customers/customers?take=100", "/api/customers/customers?take=50&sort=name", "/api/customers/customers?take=50&sort=level&page=3", "/api/customers/customers/count",
        "/api/customers/customers?text=科技", "/api/customers/customers?text=cq", "/api/customers/customers?level=A&take=200", "/api/customers/contacts?take=100", "/api/customers/contacts/count",
        "/api/settings/users?take=200", "/api/settings/departments?take=200", "/api/settings/roles", "/api/platform/search?text=重庆",
    ];

    [Fact]
    public async Task The_same_questions_have_the_same_answers_after_the_move_and_a_row_changed_afterwards_is_found()
    {
        var data = await DemoCompany.Copy();
        var file = Path.Combine(data, "kuaipu.db");
        await Execute(new SqliteConnection($"Data Source={file};Pooling=False"), PlugIn);
        var before = await Answers(Engines.Sqlite, file);
        Assert.Contains(before, a => a.Contains("KH2026", StringComparison.Ordinal));

        var target = await Target();
        // A schema that has versions is a module's, whether this program knows it or not.
        var (code, said) = await Move(data, target);
        Assert.True(code == 1 && said.Contains("partner", StringComparison.Ordinal) && said.Contains("插件", StringComparison.Ordinal), said);
        await Execute(new SqliteConnection($"Data Source={file};Pooling=False"), "drop table partner_thing; drop table partner_schema_version;");

        (code, said) = await Move(data, target);
        Assert.True(code == 0, said);
        Assert.Contains("customers.customer：3,000 行", said);
        (code, said) = await Move(data, target, "--check");
        Assert.True(code == 0 && said.Contains("全部一致", StringComparison.Ordinal), said);

        await Execute(new NpgsqlConnection(target), "update customers.customer set remarks = 'x' where id = (select max(id) from customers.customer)");
        (code, said) = await Move(data, target, "--check");
        Assert.True(code == 1 && said.Contains("customers.customer：来源 3,000 行", StringComparison.Ordinal) && said.Contains("1 张表不一致", StringComparison.Ordinal), said);
        await Execute(new NpgsqlConnection(target), "update customers.customer set remarks = null where id = (select max(id) from customers.customer)");
        Assert.Equal(0, (await Move(data, target, "--check")).Code);

        Assert.Equal(before, await Answers(Engines.Postgres, target));
        (code, said) = await Move(data, target);
        Assert.True(code == 1 && said.Contains("不是空的", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task New_ids_and_numbers_go_on_where_they_were()
    {
        var data = await DemoCompany.Copy();
        var target = await Target();
        Assert.Equal(0, (await Move(data, target)).Code);
        await using var crm = await Crm.StartOn(Engines.Postgres, target);
        var last = await crm.Db.First<long>($"select max(id) from platform.document");
        var id = await crm.Admin.Customer(Crm.Name("搬迁之后"));
        Assert.True(id > last);
        // The old file stays in the folder; it is no part of the company's backups any more, and such a backup goes back into a file.
        var (backup, fresh) = (Path.Combine(DemoCompany.Folder(), "b.zip"), DemoCompany.Folder());
        var (code, said) = await HostProcess.Run("backup", "--Engine", "postgres", "--Connection", target, "--Data", data, "--to", backup);
        Assert.True(code == 0, said);
        using (var zip = System.IO.Compression.ZipFile.OpenRead(backup)) Assert.DoesNotContain(zip.Entries, e => e.Name.StartsWith("kuaipu.db", StringComparison.Ordinal));
        (code, said) = await HostProcess.Run("restore", "--from", backup, "--Data", fresh);
        Assert.True(code == 0, said);
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.document where number = (select number from platform.document where id = {id})"));
    }

    [Fact]
    public async Task While_a_host_runs_on_the_file_it_is_not_moved()
    {
        var target = await Target();
        await using var crm = await Crm.Start(Engines.Sqlite);
        (await crm.Admin.Get("/api/customers/customers")).Ok();
        var (code, said) = await HostProcess.Run("move", "--File", crm.Database, "--Data", DemoCompany.Folder(), "--to", "postgres", "--connection", target);
        Assert.True(code == 1 && said.Contains("请先停止服务", StringComparison.Ordinal), said);
        (await crm.Admin.Post("/api/customers/customers", new { name = "照常" })).Is(201);
    }

    [Fact]
    public async Task A_move_that_was_killed_leaves_nothing_and_can_be_repeated()
    {
        var data = await DemoCompany.Copy();
        var target = await Target();
        for (var i = 0; i < 5; i++)
        {
            using var moving = HostProcess.Start("move", "--Data", data, "--to", "postgres", "--connection", target);
            await Task.Delay(700 + 250 * i);
            moving.Kill();
            await moving.WaitForExitAsync();
        }
        var (code, said) = await Move(data, target);
        // The last one may have committed before it was killed: then all of it is there.
        Assert.True(code == 0 || said.Contains("不是空的", StringComparison.Ordinal), said);
        Assert.Equal(0, (await Move(data, target, "--check")).Code);
    }

    [Fact]
    public async Task What_the_server_cannot_hold_is_told_with_its_table_and_nothing_stays()
    {
        var data = await DemoCompany.Copy();
        var target = await Target();
        await Execute(new SqliteConnection($"Data Source={Path.Combine(data, "kuaipu.db")};Pooling=False"), $"update customers_customer set name = '{new string('长', 120)}' where id = (select max(id) from customers_customer)");
        var (code, said) = await Move(data, target);
        Assert.True(code == 1 && said.Contains("customers.customer", StringComparison.Ordinal) && said.Contains("目标数据库保持为空", StringComparison.Ordinal), said);
        await using var c = new NpgsqlConnection(target);
        await c.OpenAsync();
        await using var count = new NpgsqlCommand("select count(*) from customers.contact", c);
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    private static async Task<string> Target()
    {
        Assert.SkipUnless(Engines.IsThere(Engines.Postgres), "postgres: not there");
        return await Databases.Empty(Engines.Postgres);
    }

    private static Task<(int Code, string Said)> Move(string data, string target, params string[] more) => HostProcess.Run(["move", "--Data", data, "--to", "postgres", "--connection", target, .. more]);

    private static async Task<List<string>> Answers(string engine, string database)
    {
        var answers = new List<string>();
        await using (var crm = await Crm.StartOn(engine, database))
        {
            var seller = crm.Services.GetRequiredService<Caches>().Organization.People.OrderBy(p => p.Login, StringComparer.Ordinal).Last();
            foreach (var person in new[] { crm.Admin, await crm.As(seller.Id, seller.Login, seller.Name) })
                foreach (var question in Questions)
                    answers.Add($"{person.Login} {question}\n{Regex.Replace((await person.Get(question)).Text, "\"traceId\":\"[^\"]*\"", "")}");
        }
        // A pooled connection counts as a user of the file.
        if (engine == Engines.Sqlite) SqliteConnection.ClearAllPools();
        return answers;
    }

    private const string PlugIn = """
        create table partner_thing (id integer primary key, name text); insert into partner_thing values (1, '甲');
        create table partner_schema_version (version integer not null, applied_on text, description text); insert into partner_schema_version (version) values (1);
        """;

    private static async Task Execute(System.Data.Common.DbConnection connection, string sql)
    {
        await using (connection)
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }
}
