using System.IO.Compression;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>The zip package of a workbook, each byte of it counted against the limits.</summary>
internal sealed class XlsxPackage : IDisposable
{
    // Room for tens of thousands of entries; a real workbook has some dozens. A directory costs several times its size in memory.
    private const long MaxDirectoryBytes = 2 << 20;

    private readonly SheetLimits _limits;
    private readonly long _fileBytes;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> _unpacked = new(StringComparer.OrdinalIgnoreCase);
    private long _unpackedTotal;

    public XlsxPackage(string path, SheetLimits limits)
    {
        _limits = limits;
        var opening = true;
        long directory = 0;
        var file = File.OpenRead(path);
        try
        {
            _fileBytes = file.Length;
            _zip = new ZipArchive(new MeteredStream(file, n =>
            {
                if (opening && (directory += n) > MaxDirectoryBytes)
                    throw new SheetException("文件里的部件太多，不是正常的工作簿，已拒绝。");
            }));
            long declared = 0;
            foreach (var entry in _zip.Entries)
            {
                _entries.TryAdd(entry.FullName.Replace('\\', '/').TrimStart('/'), entry);
                declared = entry.Length is >= 0 and < long.MaxValue / 2 ? Math.Min(declared + entry.Length, long.MaxValue / 2) : long.MaxValue / 2;
            }
            if (declared > limits.MaxUnpackedBytes) throw TooLarge();
            opening = false;
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is InvalidDataException or IOException or ArgumentException or NotSupportedException) throw SheetException.Damaged(e);
            throw;
        }
    }

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>Opens a part to be read.</summary>
    /// <exception cref="SheetException">It is missing, encrypted or damaged.</exception>
    public XlsxPart Open(string name, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(name, out var entry)) throw SheetException.Damaged();
        if (entry.IsEncrypted) throw new SheetException("文件被加密，无法读取。请去掉密码，另存为 .xlsx 再上传。");
        var packed = entry.CompressedLength;
        if (packed < 0 || packed > _fileBytes) throw SheetException.Damaged();
        Stream content;
        try
        {
            content = entry.Open();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException)
        {
            throw SheetException.Damaged(e);
        }
        long read = 0;
        return new XlsxPart(content, _limits.MaxCellChars, n =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            read += n;
            // A part read again does not count again.
            var before = _unpacked.GetValueOrDefault(name);
            if (read > before)
            {
                _unpackedTotal += read - before;
                _unpacked[name] = read;
            }
            if (_unpackedTotal > _limits.MaxUnpackedBytes) throw TooLarge();
            if (read > _limits.RatioFromBytes && read / _limits.MaxRatio > packed)
                throw new SheetException("文件的压缩比异常（疑似压缩炸弹），已拒绝。请用 Excel 打开后另存为 .xlsx 再上传。");
        });
    }

    public void Dispose() => _zip.Dispose();

    private SheetException TooLarge() =>
        new($"文件解压后超过上限 {_limits.MaxUnpackedBytes >> 20} MB，已拒绝。请删去多余的工作表和格式，或拆成几个文件再上传。");
}
