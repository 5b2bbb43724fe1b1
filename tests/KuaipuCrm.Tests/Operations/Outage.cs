using System.Net;
using System.Net.Sockets;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KuaipuCrm.Tests.Operations;

/// <summary>The database goes away and comes back while people work (issue: told, and work resumes by itself).</summary>
[Trait("size", "large")]
public class Outage
{
    [Fact, Trait("req", "OPS-5")]
    public async Task A_server_that_goes_away_is_told_of_and_work_goes_on_by_itself_when_it_is_back()
    {
        Assert.SkipUnless(Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        await using var door = new Door();
        await using var crm = await Crm.StartOn(Engines.Postgres, await door.Before(await Databases.Fresh(Engines.Postgres)), plugins: Counting.Folder());
        var id = await crm.Admin.Customer("断线前的客户");
        (await crm.Admin.Post(Counting.Path, new { n = 1, document = 1 })).Ok();
        door.Shut();
        // As after a change: what is kept in memory is asked for anew while there is nobody to answer.
        crm.Services.GetRequiredService<Caches>().Drop(Cached.Organization);
        foreach (var answer in new[] { await crm.Admin.Get("/api/customers/customers"), await crm.Admin.Post("/api/customers/customers", new { name = "断线中" }), await crm.Admin.Post(Counting.Path, new { n = 2, document = 1 }) })
            Assert.True((int)answer.Status is 503, $"{answer.Asked}: {(int)answer.Status} {answer.Text}");
        await Task.Delay(1500);
        door.Open();
        await Delivering.Until(async () => (int)(await crm.Admin.Get("/api/customers/customers")).Status == 200);
        (await crm.Admin.Patch($"/api/customers/customers/{id}", new { address = "恢复之后", version = 1 })).Ok();
        (await crm.Admin.Post(Counting.Path, new { n = 3, document = 1 })).Ok();
        // The dispatcher came back too, and what was refused was not carried out.
        await Delivering.Until(async () => await crm.Db.First<long>($"select count(*) from counting.counted where first = 1 and second = 1") == 2, 30);
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from counting.counted where n = 2"));
        Assert.Single(await crm.Admin.List("/api/customers/customers"));
    }

    [Fact, Trait("req", "OPS-5")]
    public async Task PostgreSQL_is_stopped_and_started_while_people_save_and_what_was_answered_is_there()
    {
        Assert.SkipUnless(Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        await using var server = await ServerOfItsOwn.Make();
        Assert.SkipWhen(server is null, "no PostgreSQL that this user may start");
        await server.Start();
        await using var crm = await Crm.StartOn(Engines.Postgres, server.Connection, plugins: Counting.Folder());
        var (answered, refusals, stop, next) = (new System.Collections.Concurrent.ConcurrentBag<long>(), new System.Collections.Concurrent.ConcurrentBag<Answer>(), false, 0L);
        var clients = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                var n = Interlocked.Increment(ref next);
                var answer = await crm.Admin.Post(Counting.Path, new { n, document = n % 7 });
                if ((int)answer.Status == 200) answered.Add(n);
                else refusals.Add(answer);
                if ((int)answer.Status != 200) await Task.Delay(20);
            }
        })).ToList();
        foreach (var mode in new[] { "fast", "immediate" })
        {
            var before = answered.Count;
            await Delivering.Until(() => Task.FromResult(answered.Count > before + 20), 120);
            await server.Stop(mode);
            var told = refusals.Count;
            await Delivering.Until(() => Task.FromResult(refusals.Count > told + 6), 120);
            await server.Start();
        }
        var after = answered.Count;
        await Delivering.Until(() => Task.FromResult(answered.Count > after + 20), 120);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(clients);
        Assert.All(refusals, r => r.Refused(503));
        await Delivering.Until(async () => await crm.Db.First<long>($"select count(*) from platform.delivery") == 0, 120);
        Assert.Superset(answered.ToHashSet(), (await crm.Db.Query<long>($"select n from counting.counted")).ToHashSet());
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from counting.counted where first <> 1 or second <> 1"));
    }

    [Fact, Trait("req", "OPS-1")]
    public async Task A_full_disk_is_told_of_and_nothing_is_damaged()
    {
        var folder = Directory.CreateTempSubdirectory("kuaipu-full-").FullName;
        Assert.SkipUnless(OperatingSystem.IsLinux() && await Run("mount", $"-t tmpfs -o size=24m tmpfs {folder}"), "a small file system can't be mounted here");
        try
        {
            await using var crm = await Crm.StartOn(Engines.Sqlite, Path.Combine(folder, "full.db"));
            await crm.Admin.Customer("满盘之前");
            await using (var filler = File.Create(Path.Combine(folder, "filler")))
                try
                {
                    while (true) await filler.WriteAsync(new byte[64 * 1024]);
                }
                catch (IOException)
                {
                }
            Answer? refused = null;
            for (var i = 0; i < 300 && refused is null; i++)
                if (await crm.Admin.Post("/api/customers/customers", new { name = $"满盘客户{i}", remarks = new string('满', 1900) }) is { } answer && (int)answer.Status != 201) refused = answer;
            Assert.NotNull(refused);
            refused.Refused(503);
            (await crm.Admin.Get("/api/customers/customers")).Ok();
            File.Delete(Path.Combine(folder, "filler"));
            await Delivering.Until(async () => (int)(await crm.Admin.Post("/api/customers/customers", new { name = Crm.Name("有空间之后") })).Status == 201);
            Assert.Equal("ok", await crm.Db.First<string>($"pragma integrity_check;"));
            Assert.Equal(await crm.Db.First<long>($"select count(*) from platform.document where type_id = (select id from platform.document_type where name = 'customer')"), (await crm.Admin.List("/api/customers/customers")).Count);
        }
        finally
        {
            await Run("umount", $"-l {folder}");
        }
    }

    private static async Task<bool> Run(string program, string arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Stands before the server and can be shut: as if the server was stopped.</summary>
    internal sealed class Door : IAsyncDisposable
    {
        private readonly List<Socket> open = [];
        private TcpListener? listener;
        private (string Host, int Port) server;
        private int port;

        public Task<string> Before(string connection)
        {
            var address = new NpgsqlConnectionStringBuilder(connection);
            server = (address.Host!, address.Port);
            listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
            _ = Serve(listener);
            (address.Host, address.Port, address.Timeout) = ("127.0.0.1", port, 5);
            return Task.FromResult(address.ConnectionString);
        }

        public void Shut()
        {
            listener?.Stop();
            lock (open)
            {
                foreach (var socket in open) socket.Close(0);
                open.Clear();
            }
        }

        public void Open()
        {
            listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            _ = Serve(listener);
        }

        private async Task Serve(TcpListener from)
        {
            try
            {
                while (true)
                {
                    var client = await from.AcceptSocketAsync();
                    var target = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await target.ConnectAsync(server.Host, server.Port);
                    lock (open) open.AddRange([client, target]);
                    _ = Pump(client, target);
                    _ = Pump(target, client);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
            }
        }

        private static async Task Pump(Socket from, Socket to)
        {
            try
            {
                await using var input = new NetworkStream(from);
                await using var output = new NetworkStream(to);
                await input.CopyToAsync(output);
                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
            }
        }

        public ValueTask DisposeAsync()
        {
            Shut();
            return ValueTask.CompletedTask;
        }
    }
}
