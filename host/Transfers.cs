using System.Data.Common;
using System.Globalization;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Transfer;

namespace KuaipuCrm.Host;

/// <summary>The commands that carry an account set elsewhere: <c>backup</c>, <c>restore</c>, <c>move</c>.</summary>
internal static class Transfers
{
    public static async Task<int> Run(string command, WebApplication app, bool check)
    {
        var settings = app.Configuration;
        var engine = app.Services.GetRequiredService<Engine>();
        var catalog = app.Services.GetRequiredService<ModuleCatalog>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var data = Path.GetFullPath(settings["Data"] ?? "data");
        try
        {
            return command switch
            {
                "backup" => await Backup(settings, engine, data, clock),
                "restore" => await Restore(settings, engine, catalog, data),
                _ => await Move(settings, engine, catalog, data, check),
            };
        }
        catch (DbException e)
        {
            throw new TransferException((engine.Trouble(e) ?? "数据库操作失败：" + e.Message) + " 未完成的内容已撤销。", e);
        }
    }

    private static async Task<int> Backup(IConfiguration settings, Engine engine, string data, TimeProvider clock)
    {
        var file = Path.GetFullPath(settings["To"] ?? Path.Combine(data, BackupWriter.Folder, $"kuaipu-{clock.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.zip"));
        var rows = await new BackupWriter(engine, data, clock, Console.WriteLine).Write(file, default);
        Console.WriteLine($"备份完成：{rows:N0} 行，{new FileInfo(file).Length / 1024:N0} KB，{file}");
        return 0;
    }

    private static async Task<int> Restore(IConfiguration settings, Engine engine, ModuleCatalog catalog, string data)
    {
        var file = settings["From"] ?? throw new TransferException("请用 --from 指明备份文件。");
        var (madeAt, rows) = await new Restorer(engine, catalog, data, Console.WriteLine).Restore(file, default);
        Console.WriteLine($"恢复完成：{rows:N0} 行，数据为 {madeAt.ToLocalTime():yyyy-MM-dd HH:mm} 的状态。所有用户需要重新登录。");
        return 0;
    }

    private static async Task<int> Move(IConfiguration settings, Engine engine, ModuleCatalog catalog, string data, bool check)
    {
        if (engine is not SqliteEngine source) throw new TransferException("只能从 SQLite 搬迁到服务器数据库；来源不要用 Engine 指定。服务器之间请用 backup 和 restore。");
        var kind = settings["To"]?.ToLowerInvariant();
        if (kind is not ("postgres" or "sqlserver")) throw new TransferException("请用 --to postgres 或 --to sqlserver 指明目标，用 --connection 给出连接字符串。");
        if (settings["Connection"] is not { Length: > 0 }) throw new TransferException("请用 --connection 给出目标数据库的连接字符串。");
        var target = Application.Engine(kind, settings, catalog, data);
        var mover = new Mover(source, target, catalog, Console.WriteLine);
        try
        {
            if (!check)
            {
                var rows = await mover.Move(default);
                Console.WriteLine($"搬迁完成：{rows:N0} 行，行数与校验和全部一致。请改用 --Engine {kind} 和同一连接字符串启动；{source.File} 保持不变，可留作备份。文件夹 {data} 继续使用，勿删。");
                return 0;
            }
            var differences = await mover.Compare(default);
            foreach (var line in differences) Console.Error.WriteLine(line);
            Console.WriteLine(differences.Count == 0 ? "比对完成：全部一致。" : $"比对完成：{differences.Count} 张表不一致。");
            return differences.Count == 0 ? 0 : 1;
        }
        catch (DbException e)
        {
            throw new TransferException((target.Trouble(e) ?? "目标数据库操作失败：" + e.Message) + " 目标中没有写入任何数据。", e);
        }
    }
}
