using System.IO.Compression;
using System.Text;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KuaipuCrm.Tests.Transfer;

/// <summary>
/// The account set of a former version is opened by this one (OPS-4). <c>Data/former.*</c> are a small company's database as the version of 2026-11-25 left it
/// (README beside them); every step added since runs over its rows, and a step that was changed after it had landed shows as a difference.
/// </summary>
[Trait("req", "OPS-4")]
public class Upgrading
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data");

    [Theory, OnEveryEngine]
    public async Task A_former_versions_company_goes_on_with_all_it_had(string engine)
    {
        var database = await Former(engine);
        var before = await Rows(engine, database);
        await using var crm = await Crm.StartOn(engine, database);
        var admin = crm.Admin;

        // Nothing that was there is gone.
        var after = await Rows(engine, database);
        foreach (var (table, rows) in before.Where(t => !t.Key.EndsWith("schema_version", StringComparison.Ordinal) && !t.Key.EndsWith("stamp", StringComparison.Ordinal)))
            Assert.True(after[table] >= rows, $"{table}: {rows} rows before, {after[table]} after");

        var customers = await admin.List("/api/customers/customers");
        Assert.Equal(24, customers.Count);
        Assert.Equal([customers[0]], await admin.List($"/api/customers/customers?text={Uri.EscapeDataString((await admin.View("customers", customers[0])).GetProperty("name").GetString()!)}"));
        Assert.Equal(12, (await admin.List("/api/customers/contacts")).Count);
        Assert.Equal(2, (await admin.List("/api/customers/customers?bin=true")).Count);
        var li = crm.Services.GetRequiredService<IOrganization>().People.Single(p => p.Login == "lina");
        Assert.Equal(8, (await (await crm.As(li.Id, "lina", li.Name)).List("/api/customers/customers")).Count);
        var desk = crm.Services.GetRequiredService<SignInDesk>();
        Assert.Equal(SignInOutcome.SignedIn, (await desk.SignIn("lina", "Kp-2026-alt", null, null, "127.0.0.1", "test", default)).Outcome);
        Assert.Contains("\"update\"", (await admin.Get($"/api/customers/customers/{customers[0]}/history")).Ok().Text);
        Assert.Contains("旧版本的点评", (await admin.Get($"/api/customers/customers/{customers[0]}/comments")).Ok().Text);

        // And it is worked on: change, undo of a former operation, new ids and numbers behind the old ones.
        var view = await admin.View("customers", customers[0]);
        (await admin.Patch($"/api/customers/customers/{customers[0]}", new { address = "升级之后", version = view.GetProperty("version").GetInt64() })).Ok();
        Assert.True(await admin.Customer(Crm.Name("升级后新建")) > customers.Max());
        var import = (await crm.Db.Query<long>($"select id from platform.operation where kind = {"import"} order by id")).Single();
        (await admin.Post($"/api/platform/operations/{import}/undo", new { })).Ok();
        Assert.Equal(21, (await admin.List("/api/customers/customers")).Count);
    }

    [Theory, OnEveryEngine]
    public async Task The_upgraded_schema_is_the_one_a_new_company_begins_with(string engine)
    {
        var (former, fresh) = (await Former(engine), await Databases.Fresh(engine));
        await using (await Crm.StartOn(engine, former)) { }
        var (upgraded, made) = (await Schema(engine, former), await Schema(engine, fresh));
        Assert.Empty(made.Except(upgraded).Select(l => "missing after the upgrade: " + l).Concat(upgraded.Except(made).Select(l => "only after the upgrade: " + l)));
    }

    private static async Task<string> Former(string engine)
    {
        Assert.SkipWhen(engine == Engines.SqlServer, "a former database is kept of SQLite and PostgreSQL");
        var database = await Databases.Empty(engine);
        if (engine == Engines.Sqlite)
        {
            await using var from = new GZipStream(File.OpenRead(Path.Combine(Folder, "former.db.gz")), CompressionMode.Decompress);
            await using var to = File.Create(database);
            await from.CopyToAsync(to);
            return database;
        }
        await using var dump = new GZipStream(File.OpenRead(Path.Combine(Folder, "former.sql.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(dump, Encoding.UTF8);
        await using var c = new NpgsqlConnection(database);
        await c.OpenAsync();
        await using var script = new NpgsqlCommand(await reader.ReadToEndAsync(), c);
        await script.ExecuteNonQueryAsync();
        // The script left the search path empty; the connection goes back to no pool.
        NpgsqlConnection.ClearPool(c);
        return database;
    }

    private static async Task<Dictionary<string, long>> Rows(string engine, string database)
    {
        var counts = new Dictionary<string, long>();
        foreach (var table in await Texts(engine, database, engine == Engines.Sqlite
                     ? "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
                     : "select table_schema || '.' || table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema', 'hangfire') and table_type = 'BASE TABLE'"))
            counts[table] = long.Parse((await Texts(engine, database, $"select cast(count(*) as varchar(20)) from {table}"))[0], System.Globalization.CultureInfo.InvariantCulture);
        return counts;
    }

    /// <summary>A line for each column and index.</summary>
    private static async Task<List<string>> Schema(string engine, string database) => engine == Engines.Sqlite
        ? [.. await Texts(engine, database, "select m.name || '.' || c.name || ' ' || upper(c.type) || case c.\"notnull\" when 1 then ' not null' else '' end || ' key ' || c.pk from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'"),
           .. await Texts(engine, database, "select sql from sqlite_master where type = 'index' and sql is not null")]
        : [.. await Texts(engine, database, "select table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || coalesce('(' || character_maximum_length || ')', '') || ' null ' || is_nullable from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema', 'hangfire')"),
           .. await Texts(engine, database, "select indexdef from pg_indexes where schemaname not in ('pg_catalog', 'information_schema', 'hangfire')")];

    private static async Task<List<string>> Texts(string engine, string database, string sql)
    {
        await using System.Data.Common.DbConnection c = engine == Engines.Sqlite ? new SqliteConnection($"Data Source={database};Pooling=False") : new NpgsqlConnection(database);
        await c.OpenAsync();
        await using var command = c.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync()) texts.Add(reader.GetString(0));
        return texts;
    }
}
