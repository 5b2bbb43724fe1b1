using System.Text;

namespace KuaipuCrm.Platform.Sheets;

/// <summary>Text on its way to a stream: gathered in memory, handed on as UTF-8 in large pieces.</summary>
internal sealed class TextBuffer
{
    private const int FullChars = 32 << 10;
    private byte[] _bytes = [];

    public StringBuilder Text { get; } = new(FullChars * 2);

    public bool IsFull => Text.Length >= FullChars;

    /// <summary>Takes all text out. The bytes are valid until the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        // One copy: the builder's own chunks may cut a surrogate pair.
        var text = Text.ToString();
        Text.Clear();
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_bytes.Length < most) _bytes = new byte[most];
        return _bytes.AsMemory(0, Encoding.UTF8.GetBytes(text, _bytes));
    }
}
