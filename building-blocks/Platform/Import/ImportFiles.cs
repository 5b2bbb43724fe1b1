using System.Globalization;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Uploaded files and error files on disk. A token names a file and whose it is; nobody else's token opens it.</summary>
public sealed class ImportFiles(string folder)
{
    public static readonly SheetLimits Limits = SheetLimits.Default;

    /// <summary>Takes an upload in, no more than the limit, and checks that it is a table.</summary>
    /// <returns>Its token.</returns>
    /// <exception cref="Invalid">Too large, or no table.</exception>
    public async Task<string> Save(Stream content, string name, long userId, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        Sweep();
        var token = Guid.NewGuid().ToString("n");
        var path = Path.Combine(folder, $"{userId.ToString(CultureInfo.InvariantCulture)}-{token}.upload");
        try
        {
            await using (var file = File.Create(path))
            {
                var buffer = new byte[128 * 1024];
                long size = 0;
                for (int n; (n = await content.ReadAsync(buffer, ct)) > 0;)
                {
                    size += n;
                    if (size > Limits.MaxFileBytes) throw new Invalid("file", $"文件超过上限 {Limits.MaxFileBytes >> 20} MB，请拆成几个文件再上传。");
                    await file.WriteAsync(buffer.AsMemory(0, n), ct);
                }
            }
            using var opened = SheetFile.Open(path, Limits);
            await File.WriteAllTextAsync(path + ".name", name.Length > 200 ? name[^200..] : name, ct);
            return token;
        }
        catch (Exception e)
        {
            File.Delete(path);
            throw e is SheetException ? new Invalid("file", e.Message) : e;
        }
    }

    /// <exception cref="NotFound">No such file of this user.</exception>
    public string Find(string token, long userId)
    {
        var path = Path.Combine(folder, $"{userId.ToString(CultureInfo.InvariantCulture)}-{token}.upload");
        return token.Length == 32 && token.All(char.IsAsciiHexDigit) && File.Exists(path) ? path : throw new NotFound("上传的文件");
    }

    public string NameOf(string path) => File.Exists(path + ".name") ? File.ReadAllText(path + ".name") : "";

    public string ErrorFile(long operationId) => Path.Combine(folder, $"errors-{operationId.ToString(CultureInfo.InvariantCulture)}.xlsx");

    /// <summary>The faulty lines so far, one a line: what a stopped host had found is not looked for again.</summary>
    public string FaultLog(long operationId) => Path.Combine(folder, $"faults-{operationId.ToString(CultureInfo.InvariantCulture)}.txt");

    /// <summary>Uploads hold personal data: they go after a week.</summary>
    private void Sweep()
    {
        foreach (var old in Directory.EnumerateFiles(folder).Where(f => File.GetLastWriteTimeUtc(f) < DateTime.UtcNow.AddDays(-7))) File.Delete(old);
    }
}
