using System.Diagnostics;
using KuaipuCrm.Tests.Events;

namespace KuaipuCrm.Tests.Operations;

/// <summary>A PostgreSQL that only one test uses, so that it may be stopped.</summary>
internal sealed class ServerOfItsOwn : IAsyncDisposable
{
    private readonly string bin, folder;
    private readonly int port;

    private ServerOfItsOwn(string bin, string folder, int port) => (this.bin, this.folder, this.port) = (bin, folder, port);

    /// <summary>The newest PostgreSQL of the machine, set up in a folder of its own; null where there is none that can be started here.</summary>
    public static async Task<ServerOfItsOwn?> Make()
    {
        var bin = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Max(StringComparer.Ordinal) : null;
        if (bin is null || Environment.UserName != "root") return null;
        var folder = Directory.CreateTempSubdirectory("kuaipu-pg-").FullName;
        if (await Run("chown", "postgres", folder) != 0) return null;
        var server = new ServerOfItsOwn(bin, folder, Killing.FreePort());
        return await server.AsPostgres("initdb", "-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync") == 0 ? server : null;
    }

    public string Connection => $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Timeout=5";
    private string Data => Path.Combine(folder, "data");

    public async Task Start()
    {
        if (await AsPostgres("pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Path.Combine(folder, "log"), "-o", $"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200", "start") != 0)
            throw new InvalidOperationException(await File.ReadAllTextAsync(Path.Combine(folder, "log")));
    }

    /// <param name="mode"><c>fast</c> ends sessions and leaves in order, <c>immediate</c> is like a crash.</param>
    public async Task Stop(string mode)
    {
        if (await AsPostgres("pg_ctl", "-D", Data, "-w", "-t", "60", "-m", mode, "stop") != 0) throw new InvalidOperationException("PostgreSQL did not stop.");
    }

    private Task<int> AsPostgres(string program, params string[] arguments) => Run("runuser", ["-u", "postgres", "--", Path.Combine(bin, program), .. arguments]);

    private static async Task<int> Run(string program, params string[] arguments)
    {
        // Not read: the server would hold the pipe open.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments]) { WorkingDirectory = "/tmp" })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await AsPostgres("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");
        Directory.Delete(folder, recursive: true);
    }
}
