using System.IO.Compression;
using System.Security.Cryptography;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Transfer;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Transfer;

/// <summary>A backup is taken while people work, and what comes back is what was there, whole, or nothing (OPS-4).</summary>
[Trait("req", "OPS-4")]
[Trait("size", "large")]
public class BackingUp
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine]
    public async Task A_backup_taken_while_people_write_holds_whole_operations_only(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var (data, file) = (DemoCompany.Folder(), Path.Combine(DemoCompany.Folder(), "a.zip"));
        Directory.CreateDirectory(Path.Combine(data, "imports"));
        await File.WriteAllTextAsync(Path.Combine(data, "imports", "上传.csv"), "客户名称\n甲");
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writers = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var id = await crm.Admin.Customer(Crm.Name("边写边备"));
                (await crm.Admin.Patch($"{Customers}/{id}", new { address = "改", version = 1 })).Ok();
                await crm.Admin.Contact(Crm.Name("联系人"), new { employerId = id });
                Interlocked.Increment(ref written);
            }
        }).ToList();
        while (written < 20) await Task.Delay(20);
        // A small company is copied between two saves; then it is no backup while people write, and another is taken.
        for (var (begun, tries) = (written, 1); ; begun = written, tries++)
        {
            File.Delete(file);
            await Writer(crm, data).Write(file, default);
            if (written > begun) break;
            Assert.True(tries < 20, "Nobody wrote meanwhile.");
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        var restored = DemoCompany.Folder();
        var database = await Databases.Empty(engine);
        var (code, said) = await Restore(engine, database, restored, file);
        Assert.True(code == 0, said);
        Assert.Equal("客户名称\n甲", await File.ReadAllTextAsync(Path.Combine(restored, "imports", "上传.csv")));
        await using var copy = await Crm.StartOn(engine, database);
        var customers = await copy.Db.First<long>($"select count(*) from {Sql.Trusted("customers.customer")}{Guard("customer")} where name like {"边写边备%"}");
        Assert.InRange(customers, 20, written + 4);
        Assert.Equal(0, await copy.Db.First<long>($"select count(*) from customers.customer c{Guard("customer")} where not exists (select 1 from platform.document d where d.id = c.id and d.title = c.name)"));
        Assert.Equal(0, await copy.Db.First<long>($"select count(*) from customers.customer c{Guard("customer")} where (select count(*) from platform.history h where h.document_id = c.id) <> c.version"));
        Assert.Equal(0, await copy.Db.First<long>($"select count(*) from customers.customer c{Guard("customer")} where not exists (select 1 from platform.gram g where g.document_id = c.id)"));
        Assert.Equal(0, await copy.Db.First<long>($"select count(*) from customers.contact c{Guard("contact")} where not exists (select 1 from customers.contact_tie t where t.contact_id = c.id)"));
        (await copy.Admin.Post(Customers, new { name = "恢复之后" })).Is(201);
        Assert.True(await copy.Db.First<long>($"select max(id) from customers.customer{Guard("customer")}") > await copy.Db.First<long>($"select max(id) from customers.contact{Guard("contact")}"));
    }

    [Theory, OnEveryEngine]
    public async Task A_damaged_backup_is_refused_before_anything_is_touched(string engine)
    {
        var crm = await Crm.Shared(engine);
        await crm.Admin.Customer(Crm.Name("备份"));
        var (good, bad) = (Path.Combine(DemoCompany.Folder(), "good.zip"), Path.Combine(DemoCompany.Folder(), "bad.zip"));
        await Writer(crm, DemoCompany.Folder()).Write(good, default);
        var (data, database) = (DemoCompany.Folder(), await Databases.Empty(engine));
        async Task Refused(byte[] content, string because)
        {
            await File.WriteAllBytesAsync(bad, content);
            var (code, said) = await Restore(engine, database, data, bad);
            Assert.True(code == 1 && said.Contains(because, StringComparison.Ordinal), said);
            if (engine == Engines.Sqlite) Assert.False(File.Exists(database));
            Assert.DoesNotContain(Directory.GetFiles(data, "*", SearchOption.AllDirectories), f => !f.Contains("/keys/", StringComparison.Ordinal));
        }

        var bytes = await File.ReadAllBytesAsync(good);
        await Refused(bytes[..(bytes.Length / 2)], "已损坏或不完整");
        await Refused([.. bytes.Select((b, i) => i == bytes.Length / 3 ? (byte)(b ^ 0xFF) : b)], "已损坏或不完整");
        await Refused(Changed(good, "tables/customers.customer.jsonl", text => text.Replace("备份", "假的", StringComparison.Ordinal)), "customers.customer");
        await Refused(Changed(good, "manifest.json", text => text.Replace("\"rows\":", "\"rows\" :", StringComparison.Ordinal)), "清单校验不符");
        await Refused(Changed(good, "manifest.json", text => text.Replace("\"platform\":", "\"nobody\":1,\"platform\":", StringComparison.Ordinal), sealAnew: true), "没有该模块");
        await Refused(Changed(good, "manifest.json", text => text.Replace("\"customers\":", "\"customers\":999", StringComparison.Ordinal), sealAnew: true), "高于本程序");
        await Refused("不是备份"u8.ToArray(), "已损坏或不完整");
    }

    [Theory, OnEveryEngine]
    public async Task A_database_with_rows_is_not_written_over(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var file = Path.Combine(DemoCompany.Folder(), "a.zip");
        await Writer(crm, DemoCompany.Folder()).Write(file, default);
        await crm.Admin.Customer(Crm.Name("后来的"));
        var before = await Contents(crm);
        var (code, said) = await Restore(engine, crm.Database, DemoCompany.Folder(), file);
        Assert.True(code == 1 && said.Contains("不是空的", StringComparison.Ordinal), said);
        Assert.Equal(before, await Contents(crm));
        await Assert.ThrowsAsync<TransferException>(() => Writer(crm, DemoCompany.Folder()).Write(file, default));
    }

    [Theory, OnEveryEngine]
    public async Task A_restore_that_was_killed_leaves_nothing_and_is_simply_run_again(string engine)
    {
        Assert.SkipUnless(engine != Engines.SqlServer, "The demo company is restored on SQLite and PostgreSQL.");
        var file = Path.Combine(DemoCompany.Folder(), "demo.zip");
        var (code, said) = await HostProcess.Run("backup", "--Data", await DemoCompany.Copy(), "--to", file);
        Assert.True(code == 0, said);
        var (data, database) = (DemoCompany.Folder(), await Databases.Empty(engine));
        for (var i = 0; i < 5; i++)
        {
            using var restoring = HostProcess.Start(Arguments(engine, database, data, file));
            await Task.Delay(900 + 250 * i);
            restoring.Kill();
            await restoring.WaitForExitAsync();
        }
        (code, said) = await Restore(engine, database, data, file);
        // The last one may have committed before it was killed: then all of it is there.
        Assert.True(code == 0 || said.Contains("不是空的", StringComparison.Ordinal), said);
        var again = Path.Combine(DemoCompany.Folder(), "again.zip");
        (code, said) = await HostProcess.Run(["backup", .. Arguments(engine, database, data, file)[1..^2], "--to", again]);
        Assert.True(code == 0, said);
        using var first = await BackupFile.Open(file, default);
        using var second = await BackupFile.Open(again, default);
        Assert.Equal(first.Manifest.Tables.Select(t => (t.Name, t.Rows, t.Checksum)), second.Manifest.Tables.Select(t => (t.Name, t.Rows, t.Checksum)));
        Assert.Equal(3000, first.Manifest.Tables.Single(t => t.Name == "customers.customer").Rows);
    }

    private static BackupWriter Writer(Crm crm, string data) => new(crm.Services.GetRequiredService<Engine>(), data, TimeProvider.System, _ => { });

    private static async Task<List<(string, long, string)>> Contents(Crm crm)
    {
        var engine = crm.Services.GetRequiredService<Engine>();
        await using var connection = engine.Create();
        await connection.OpenAsync();
        await using var moment = await engine.Snapshot(connection, default);
        var set = new AccountSet(engine, connection, moment);
        return [.. (await set.Tables()).Select(t => (t.Name, set.Count(t))).Select(t => (t.Name, t.Item2.Rows, t.Item2.Checksum))];
    }

    private static string[] Arguments(string engine, string database, string data, string file) =>
        ["restore", "--Engine", engine, engine == Engines.Sqlite ? "--File" : "--Connection", database, "--Data", data, "--from", file];

    private static Task<(int Code, string Said)> Restore(string engine, string database, string data, string file) => HostProcess.Run(Arguments(engine, database, data, file));

    private static Sql Guard(string type) => Sql.Trusted($"{Sql.Guard}{type}{Sql.Guard}");

    /// <summary>The backup with one entry rewritten, as someone would who meddles with it.</summary>
    private static byte[] Changed(string file, string entry, Func<string, string> change, bool sealAnew = false)
    {
        using var copy = new MemoryStream();
        using (var stream = File.OpenRead(file)) stream.CopyTo(copy);
        using (var zip = new ZipArchive(copy, ZipArchiveMode.Update, leaveOpen: true))
        {
            var old = zip.GetEntry(entry)!;
            string text;
            using (var reader = new StreamReader(old.Open())) text = reader.ReadToEnd();
            var changed = change(text);
            Assert.NotEqual(text, changed);
            Put(zip, entry, System.Text.Encoding.UTF8.GetBytes(changed));
            if (sealAnew) Put(zip, BackupFile.SealName, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(changed)));
        }
        return copy.ToArray();
    }

    private static void Put(ZipArchive zip, string name, byte[] content)
    {
        zip.GetEntry(name)!.Delete();
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(content);
    }
}
