using KuaipuCrm.Tests.Running;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace KuaipuCrm.Tests.Attacks;

/// <summary>When the database cannot be written, people are told so, and the host lives on.</summary>
public class Trouble
{
    private const string Customers = "/api/customers/customers";

    [Fact, Trait("size", "large")]
    public async Task While_another_program_holds_the_database_file_saving_is_refused_clearly_and_works_again_afterwards()
    {
        await using var crm = await Crm.Start(Engines.Sqlite);
        await using var other = new SqliteConnection($"Data Source={crm.Database};Pooling=False");
        await other.OpenAsync();
        await using (var hold = other.CreateCommand())
        {
            hold.CommandText = "begin immediate";
            await hold.ExecuteNonQueryAsync();
            (await crm.Admin.Get(Customers)).Ok();
            (await crm.Admin.Post(Customers, new { name = "锁定时" })).Refused(503);
            hold.CommandText = "rollback";
            await hold.ExecuteNonQueryAsync();
        }
        (await crm.Admin.Post(Customers, new { name = "之后" })).Is(201);
        Assert.Single(await crm.Admin.List(Customers));
    }

    [Fact]
    public async Task A_read_only_database_is_told_in_chinese_and_reading_goes_on()
    {
        Assert.SkipUnless(Engines.IsThere(Engines.Postgres), "postgres: not there; root may write read-only files, so SQLite cannot show it");
        await using var crm = await Crm.Start(Engines.Postgres);
        var name = new NpgsqlConnectionStringBuilder(crm.Database).Database!;
        await OnServer($"alter database {name} set default_transaction_read_only = on");
        await OnServer($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        // The connections that were cut, for reading and for writing, are found out by their next use.
        await crm.Admin.Get(Customers);
        await crm.Admin.Post(Customers, new { name = "刚断开时" });
        Assert.Contains("只读", (await crm.Admin.Post(Customers, new { name = "只读时" })).Refused(503).Detail);
        (await crm.Admin.Get(Customers)).Ok();
        await OnServer($"alter database {name} reset default_transaction_read_only");
        await OnServer($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        await crm.Admin.Get(Customers);
        await crm.Admin.Post(Customers, new { name = "又断开时" });
        (await crm.Admin.Post(Customers, new { name = "之后" })).Is(201);
    }

    [Fact, Trait("req", "OPS-1")]
    public async Task A_database_file_that_may_not_be_written_is_told_of_at_the_start_in_a_sentence_and_left_as_it_is()
    {
        // Root may write anything; without this capability it is held to the file's mode like everyone.
        string[] bound = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"];
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "whose rights would be cut can't be told here");
        if (!OperatingSystem.IsLinux()) return;
        var file = await Databases.Fresh(Engines.Sqlite);
        var folder = Directory.CreateDirectory(Path.Combine(Databases.Folder, "readonly")).FullName;
        var there = Path.Combine(folder, "kuaipu.db");
        File.Copy(file, there);
        var before = await File.ReadAllBytesAsync(there);
        File.SetUnixFileMode(there, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var (code, said) = await HostProcess.RunBy("setpriv", bound, "run", "--File", there, "--Data", Path.Combine(Databases.Folder, "readonly-data"), "--urls", "http://127.0.0.1:0");
            Assert.True(code == 1 && (said.Contains("只读", StringComparison.Ordinal) || said.Contains("无法打开数据库文件", StringComparison.Ordinal)), said);
            Assert.DoesNotContain("   at ", said);
        }
        finally
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(there));
    }

    [Fact, Trait("req", "OPS-5")]
    public async Task A_server_that_is_not_there_is_told_of_at_the_start_in_a_sentence()
    {
        var (code, said) = await HostProcess.Run("run", "--Engine", "postgres", "--Connection", $"Host=127.0.0.1;Port={Events.Killing.FreePort()};Username=x;Database=x;Timeout=3", "--Data", Path.Combine(Databases.Folder, "noserver"));
        Assert.True(code == 1 && said.Contains("连接不上数据库服务器", StringComparison.Ordinal), said);
        Assert.DoesNotContain("   at ", said);
    }

    [Fact, Trait("req", "OPS-4")]
    public async Task A_database_of_a_newer_program_is_not_opened()
    {
        var file = await Databases.Fresh(Engines.Sqlite);
        await using (var c = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await c.OpenAsync();
            await using var newer = c.CreateCommand();
            newer.CommandText = "insert into platform_schema_version (version, applied_on, description) values (9999, '2030-01-01', 'future')";
            await newer.ExecuteNonQueryAsync();
        }
        // As whoever starts it sees it: a sentence, not a stack.
        var (code, said) = await HostProcess.Run(["run", "--File", file, "--Data", Path.Combine(Databases.Folder, "newer")]);
        Assert.True(code == 1 && said.Contains("9999", StringComparison.Ordinal) && said.Contains("高于本程序所支持", StringComparison.Ordinal), said);
    }

    private static async Task OnServer(string sql)
    {
        await using var c = new NpgsqlConnection(Engines.Address(Engines.Postgres));
        await c.OpenAsync();
        await using var command = new NpgsqlCommand(sql, c);
        await command.ExecuteNonQueryAsync();
    }
}
