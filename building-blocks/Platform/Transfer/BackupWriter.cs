using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using KuaipuCrm.Platform.Data;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>Writes an account set into one file while it is in use: tables as they stand at one moment, then the files beside the database.</summary>
public sealed partial class BackupWriter(Engine engine, string data, TimeProvider clock, Action<string> say)
{
    /// <summary>Where backups lie unless another place is named; not part of a backup.</summary>
    public const string Folder = "backups";

    /// <summary>Writes the backup; the file appears when it is whole.</summary>
    /// <returns>The number of rows.</returns>
    /// <exception cref="TransferException">There is nothing to keep, or the file can't be written.</exception>
    public async Task<long> Write(string file, CancellationToken ct)
    {
        if (File.Exists(file)) throw new TransferException($"{file} 已存在，备份不会覆盖它。");
        if (engine is SqliteEngine sqlite && !File.Exists(sqlite.File)) throw new TransferException($"找不到数据库 {sqlite.File}。请用 --Data 或 --File 指明。");
        var partial = file + ".partial";
        try
        {
            long rows;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            await using (var stream = new FileStream(partial, FileMode.Create))
            {
                // Holds password hashes and keys: for the owner's eyes only.
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(stream.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true)) rows = await Fill(zip, ct);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, file);
            return rows;
        }
        catch (Exception e)
        {
            File.Delete(partial);
            if (e is IOException or UnauthorizedAccessException) throw new TransferException($"无法写入备份文件：{e.Message}", e);
            throw;
        }
    }

    private async Task<long> Fill(ZipArchive zip, CancellationToken ct)
    {
        await using var connection = engine.Create();
        await connection.OpenAsync(ct);
        await using var moment = await engine.Snapshot(connection, ct);
        var set = new AccountSet(engine, connection, moment);
        var versions = await set.Versions();
        if (versions.Count == 0) throw new TransferException("数据库中没有账套，无可备份。");
        var shapes = await set.Tables();
        var tables = new List<TableEntry>();
        foreach (var shape in shapes) tables.Add(await Table(zip, set, shape, ct));
        var manifest = new Manifest(Manifest.CurrentFormat, typeof(BackupWriter).Assembly.GetName().Version!.ToString(3), clock.GetUtcNow().UtcDateTime, engine.Name, versions, tables, await set.Numbered(shapes), await Files(zip, ct));
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web);
        await Put(zip, BackupFile.ManifestName, json);
        await Put(zip, BackupFile.SealName, SHA256.HashData(json));
        return tables.Sum(t => t.Rows);
    }

    private async Task<TableEntry> Table(ZipArchive zip, AccountSet set, TableShape shape, CancellationToken ct)
    {
        var tally = new Tally();
        using var text = new RowText();
        await using (var stream = new BufferedStream(zip.CreateEntry(BackupFile.TableName(shape.Name), CompressionLevel.Fastest).Open(), 1 << 16))
            foreach (var row in set.Rows(shape))
            {
                var line = text.Write(row);
                tally.Add(line);
                stream.Write(line);
                stream.WriteByte((byte)'\n');
                ct.ThrowIfCancellationRequested();
            }
        if (tally.Rows > 0) say($"{shape.Name}：{tally.Rows:N0} 行");
        return new(shape.Name, shape.Columns, tally.Rows, tally.Checksum);
    }

    /// <summary>Uploads and keys; what is deleted while we look is not missed.</summary>
    private async Task<List<FileEntry>> Files(ZipArchive zip, CancellationToken ct)
    {
        var entries = new List<FileEntry>();
        if (!Directory.Exists(data)) return entries;
        foreach (var path in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(data, path).Replace('\\', '/');
            if (name.StartsWith(Folder + "/", StringComparison.Ordinal) || name.EndsWith(".partial", StringComparison.Ordinal) || IsDatabase(path)) continue;
            try
            {
                await using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                await using var target = zip.CreateEntry(BackupFile.FileName(name), CompressionLevel.Fastest).Open();
                entries.Add(new(name, source.Length, await BackupFile.Copy(source, target, ct)));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                continue;
            }
        }
        if (entries.Count > 0) say($"文件：{entries.Count:N0} 个");
        return entries;
    }

    /// <summary>The database itself with what SQLite lays beside it; and one that the company moved away from and kept: its people may long be erased.</summary>
    private bool IsDatabase(string path) => IsOf(engine, path) || Path.GetDirectoryName(Path.GetFullPath(path)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)) && IsSqlite(Sides.Match(path) is { Success: true } side ? path[..side.Index] : path);

    /// <summary>The file of the engine's own database, or one beside it.</summary>
    internal static bool IsOf(Engine engine, string path) => engine is SqliteEngine sqlite && Path.GetFullPath(path).StartsWith(Path.GetFullPath(sqlite.File), StringComparison.Ordinal);

    private static bool IsSqlite(string path)
    {
        if (!File.Exists(path)) return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var head = new byte[Head.Length];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.AsSpan().SequenceEqual(Head);
    }

    private static readonly byte[] Head = "SQLite format 3\0"u8.ToArray();

    [System.Text.RegularExpressions.GeneratedRegex("-(wal|shm|journal)$")]
    private static partial System.Text.RegularExpressions.Regex Sides { get; }

    private static async Task Put(ZipArchive zip, string name, byte[] content)
    {
        await using var stream = zip.CreateEntry(name).Open();
        await stream.WriteAsync(content);
    }
}
