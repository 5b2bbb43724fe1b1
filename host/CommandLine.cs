using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform;
using KuaipuCrm.Platform.Migrations;
using KuaipuCrm.Platform.Transfer;

namespace KuaipuCrm.Host;

/// <summary>The commands of the program: <c>run</c> (default), <c>migrate</c>, <c>seed</c>, <c>backup</c>, <c>restore</c>, <c>move</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> Run(string[] args)
    {
        var command = args.FirstOrDefault(a => !a.StartsWith('-')) is { } first && first == args[0] ? first : "run";
        // Of the configuration's switches each takes the next word as its value; these two take none.
        var rest = (args.Length > 0 && args[0] == command ? args[1..] : args).Where(a => a is not ("--demo" or "--check")).ToArray();
        try
        {
            return await Run(command, rest, args.Contains("--check"));
        }
        catch (Exception e) when (e is TransferException or SchemaException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            Console.Error.WriteLine($"网址已被其他程序占用：{e.Message} 请用 --urls 另选端口，或先停止占用它的程序。");
            return 1;
        }
    }

    private static async Task<int> Run(string command, string[] rest, bool check)
    {
        switch (command)
        {
            case "run":
                await using (var app = Application.Build(rest, run: true))
                {
                    // On the other processor meanwhile.
                    var known = Task.Run(() => Application.KnowEndpoints(app));
                    await Application.Prepare(app);
                    await known;
                    await app.RunAsync();
                }
                return 0;
            case "migrate":
                await using (var app = Application.Build(rest)) await Application.Prepare(app);
                Console.WriteLine("数据库已是最新版本。");
                return 0;
            case "seed":
                await using (var app = Application.Build(rest))
                {
                    await Application.Prepare(app);
                    await Startup.Demo(app.Services.GetAutofacRoot(), default);
                }
                Console.WriteLine("演示公司已生成。管理员密码尚未设置时，启动后在浏览器中设置；演示用户的初始密码见 README。");
                return 0;
            case "backup":
            case "restore":
            case "move":
                // The account set as it lies: it is neither brought up to date nor begun.
                await using (var app = Application.Build(["--Migrate=off", .. rest])) return await Transfers.Run(command, app, check);
            default:
                Console.Error.WriteLine($"没有命令“{command}”。可用：run（默认）、migrate、seed、backup、restore、move。");
                return 2;
        }
    }
}
