using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>Brings a backup back into an empty database of any engine, after all of it was found whole (OPS-4).</summary>
public sealed class Restorer(Engine engine, ModuleCatalog catalog, string data, Action<string> say)
{
    /// <returns>When the backup was made (UTC), and the number of rows.</returns>
    /// <exception cref="TransferException">It can't be done, and why; database and files are as before then.</exception>
    public async Task<(DateTime MadeAt, long Rows)> Restore(string file, CancellationToken ct)
    {
        using var backup = await BackupFile.Open(file, ct);
        var manifest = backup.Manifest;
        say($"备份完整：{manifest.MadeAt:yyyy-MM-dd HH:mm} UTC，{manifest.Tables.Count} 张表，{manifest.Tables.Sum(t => t.Rows):N0} 行，{manifest.Files.Count} 个文件");
        Loader.Understood(manifest.Schemas, catalog);
        var missing = await Missing(backup, ct);
        // Files first: a database without its files would look whole.
        var put = new List<string>();
        try
        {
            foreach (var entry in missing) put.Add(await Put(backup, entry, ct));
            await new Loader(engine, catalog, say).Load(manifest.Schemas, manifest.Numbered, [.. manifest.Tables.Select(t => (t.Name, t.Columns, (Func<IEnumerable<object?[]>>)(() => backup.Rows(t))))], ct);
        }
        catch
        {
            put.ForEach(File.Delete);
            throw;
        }
        return (manifest.MadeAt, manifest.Tables.Sum(t => t.Rows));
    }

    private async Task<List<FileEntry>> Missing(BackupFile backup, CancellationToken ct)
    {
        var missing = new List<FileEntry>();
        foreach (var entry in backup.Manifest.Files)
        {
            var path = Inside(entry);
            // An older backup may hold a database the company had moved away from: it must not lie where this one is going to be.
            if (BackupWriter.IsOf(engine, path)) continue;
            if (!File.Exists(path)) missing.Add(entry);
            else
            {
                await using var there = File.OpenRead(path);
                if (await BackupFile.Copy(there, Stream.Null, ct) != entry.Sha256) throw new TransferException($"{path} 已存在，内容与备份中的不同。请把数据恢复到一个空的文件夹（--Data）；未做任何改动。");
            }
        }
        return missing;
    }

    private async Task<string> Put(BackupFile backup, FileEntry entry, CancellationToken ct)
    {
        var path = Inside(entry);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (var target = new FileStream(path + ".partial", FileMode.Create)) await backup.CopyTo(entry, target, ct);
        File.Move(path + ".partial", path);
        return path;
    }

    /// <summary>Only below the data folder, whatever the backup says.</summary>
    private string Inside(FileEntry entry)
    {
        var (root, path) = (Path.GetFullPath(data) + Path.DirectorySeparatorChar, Path.GetFullPath(Path.Combine(data, entry.Path)));
        return path.StartsWith(root, StringComparison.Ordinal) ? path : throw new TransferException($"备份中的文件名 {entry.Path} 不合规，未做任何改动。");
    }
}
