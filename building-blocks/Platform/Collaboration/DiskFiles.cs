using System.Security.Cryptography;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Contents on disk, in folders by the beginning of their hash.</summary>
internal sealed class DiskFiles(string folder) : IFileStore
{
    public async Task<(string Hash, long Size)> Put(Stream content, long most, CancellationToken ct = default)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Guid.NewGuid().ToString("n") + ".part");
        try
        {
            long size = 0;
            string hash;
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous))
            {
                using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[128 * 1024];
                for (int n; (n = await content.ReadAsync(buffer, ct)) > 0;)
                {
                    size += n;
                    if (size > most) throw new Invalid("file", $"文件超过上限 {most >> 20} MB。");
                    sha.AppendData(buffer, 0, n);
                    await file.WriteAsync(buffer.AsMemory(0, n), ct);
                }
                if (size == 0) throw new Invalid("file", "文件是空的。");
                // The row that names this content must not be there before the content is.
                file.Flush(flushToDisk: true);
                hash = Convert.ToHexStringLower(sha.GetHashAndReset());
            }
            var home = PathOf(hash);
            Directory.CreateDirectory(Path.GetDirectoryName(home)!);
            // The same content again: its time is renewed, so that the sweeper leaves it to its new row.
            File.Move(path, home, overwrite: true);
            return (hash, size);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public Stream Open(string hash)
    {
        try
        {
            return new FileStream(PathOf(hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFound("附件的内容");
        }
    }

    public IEnumerable<string> Before(DateTime moment) => !Directory.Exists(folder) ? [] :
        from path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        where File.GetLastWriteTimeUtc(path) < moment
        select Path.GetFileName(path);

    public bool Delete(string hash, DateTime before)
    {
        var path = hash.EndsWith(".part", StringComparison.Ordinal) ? Path.Combine(folder, hash) : PathOf(hash);
        if (File.GetLastWriteTimeUtc(path) >= before) return false;
        File.Delete(path);
        return true;
    }

    private string PathOf(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower) ? Path.Combine(folder, hash[..2], hash[2..4], hash) : throw new NotFound("附件的内容");
}
