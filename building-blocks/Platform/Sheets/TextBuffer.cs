using System.Text;

namespace KuaipuCrm.Platform.Sheets;

/// <summary>Text on its way to a stream: gathered in memory without waiting, written as UTF-8 in large pieces.</summary>
internal sealed class TextBuffer
{
    private const int FullChars = 32 << 10;
    private byte[] _bytes = new byte[FullChars * 4];

    public StringBuilder Text { get; } = new(FullChars * 2);

    public bool IsFull => Text.Length >= FullChars;

    public async ValueTask Flush(Stream stream, CancellationToken cancellationToken)
    {
        // One copy: the builder's own chunks may cut a surrogate pair.
        var text = Text.ToString();
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_bytes.Length < most) _bytes = new byte[most];
        var length = Encoding.UTF8.GetBytes(text, _bytes);
        await stream.WriteAsync(_bytes.AsMemory(0, length), cancellationToken);
        Text.Clear();
    }
}
