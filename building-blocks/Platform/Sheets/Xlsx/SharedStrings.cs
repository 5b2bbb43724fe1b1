using System.Text;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>
/// The shared strings of a workbook, kept as UTF-8 in large blocks: a million short strings as objects would take three times the memory.
/// </summary>
internal sealed class SharedStrings
{
    private const int BlockBytes = 1 << 20;

    private readonly List<byte[]> _blocks = [];

    // Where each string starts: block number and offset in one; its length is written before it.
    private readonly List<long> _starts = [];
    private int _used = BlockBytes;

    /// <exception cref="SheetException">More than <see cref="SheetLimits.MaxSharedStringBytes"/>, or damaged.</exception>
    public static SharedStrings Read(XlsxPart part, SheetLimits limits)
    {
        var strings = new SharedStrings();
        long bytes = 0;
        while (part.Read())
        {
            if (!part.IsStart || part.Xml.LocalName != "si") continue;
            bytes += strings.Add(part.RichText());
            if (bytes > limits.MaxSharedStringBytes)
                throw new SheetException($"工作簿里的文字超过上限 {limits.MaxSharedStringBytes >> 20} MB，已拒绝。请拆成几个文件再上传。");
        }
        return strings;
    }

    /// <exception cref="SheetException">A cell names a string that is not there.</exception>
    public string this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_starts.Count) throw SheetException.Damaged();
            var start = _starts[index];
            var block = _blocks[(int)(start / BlockBytes)];
            var at = (int)(start % BlockBytes);
            return Encoding.UTF8.GetString(block, at + 4, BitConverter.ToInt32(block, at));
        }
    }

    private int Add(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (_used + length + 4 > BlockBytes)
        {
            _blocks.Add(new byte[BlockBytes]);
            _used = 0;
        }
        var block = _blocks[^1];
        _starts.Add((long)(_blocks.Count - 1) * BlockBytes + _used);
        BitConverter.TryWriteBytes(block.AsSpan(_used), length);
        Encoding.UTF8.GetBytes(text, block.AsSpan(_used + 4));
        _used += length + 4;
        return length + 12;
    }
}
