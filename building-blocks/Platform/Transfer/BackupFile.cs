using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>A backup, opened and found whole: every row and file counted and compared with the manifest.</summary>
internal sealed class BackupFile : IDisposable
{
    public const string ManifestName = "manifest.json", SealName = "manifest.sha256";
    private readonly ZipArchive zip;

    private BackupFile(ZipArchive zip, Manifest manifest) => (this.zip, Manifest) = (zip, manifest);

    public Manifest Manifest { get; }

    public static string TableName(string table) => $"tables/{table}.jsonl";
    public static string FileName(string path) => $"files/{path}";

    /// <exception cref="TransferException">There is no such file, or it is not whole.</exception>
    public static async Task<BackupFile> Open(string file, CancellationToken ct)
    {
        if (!File.Exists(file)) throw new TransferException($"找不到备份文件 {file}。");
        ZipArchive? zip = null;
        try
        {
            zip = ZipFile.OpenRead(file);
            var json = await Bytes(Entry(zip, ManifestName));
            var seal = await Bytes(Entry(zip, SealName));
            if (!SHA256.HashData(json).AsSpan().SequenceEqual(seal)) throw Damaged("清单校验不符");
            var manifest = JsonSerializer.Deserialize<Manifest>(json, JsonSerializerOptions.Web)!;
            if (manifest.Format > Manifest.CurrentFormat) throw new TransferException("备份由更新版本的程序生成，请使用新版本的程序恢复。");
            var backup = new BackupFile(zip, manifest);
            foreach (var table in manifest.Tables) backup.Check(table);
            foreach (var entry in manifest.Files)
                if (await backup.CopyTo(entry, Stream.Null, ct) != entry.Sha256) throw Damaged($"文件 {entry.Path}");
            return backup;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException or DecoderFallbackException)
        {
            zip?.Dispose();
            throw Damaged(e.Message, e);
        }
        catch
        {
            zip?.Dispose();
            throw;
        }
    }

    public IEnumerable<object?[]> Rows(TableEntry table) => Lines(table).Select(RowText.Read);

    /// <returns>The copied bytes' SHA-256.</returns>
    public async Task<string> CopyTo(FileEntry file, Stream target, CancellationToken ct)
    {
        await using var source = Entry(zip, FileName(file.Path)).Open();
        return await Copy(source, target, ct);
    }

    public static async Task<string> Copy(Stream source, Stream target, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (int read; (read = await source.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), ct);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => zip.Dispose();

    private void Check(TableEntry table)
    {
        var tally = new Tally();
        foreach (var line in Lines(table)) tally.Add(Encoding.UTF8.GetBytes(line));
        if (tally.Rows != table.Rows || tally.Checksum != table.Checksum) throw Damaged($"表 {table.Name} 应有 {table.Rows:N0} 行，读到 {tally.Rows:N0} 行，校验和不符");
    }

    /// <summary>A row a line: line ends within texts are escaped.</summary>
    private IEnumerable<string> Lines(TableEntry table)
    {
        using var stream = Entry(zip, TableName(table.Name)).Open();
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, 1 << 16);
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name) => zip.GetEntry(name) ?? throw Damaged($"缺少 {name}");

    private static async Task<byte[]> Bytes(ZipArchiveEntry entry)
    {
        await using var stream = entry.Open();
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private static TransferException Damaged(string what, Exception? inner = null) => new($"备份文件已损坏或不完整（{what}），未做任何改动。请换一份备份。", inner);
}
