using System.Text;
using System.Xml;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>An XML part read forwards. No DTD, no outside reference, and no node that could grow without end.</summary>
internal sealed class XlsxPart : IDisposable
{
    // Attributes, names and skipped texts are buffered whole by XmlReader; none of them is ever this long.
    private const int MaxNodeBytes = 1 << 20;
    private const int MaxDepth = 64;

    private readonly int _maxChars;
    private readonly char[] _chars;
    private readonly StringBuilder _rich = new();
    private readonly XmlReader _reader;
    private int _sinceNode;

    public XlsxPart(Stream content, int maxChars, Action<int> onRead)
    {
        _maxChars = maxChars;
        _chars = new char[maxChars + 1];
        var metered = new MeteredStream(content, n =>
        {
            onRead(n);
            if ((_sinceNode += n) > MaxNodeBytes) throw SheetException.Damaged();
        });
        try
        {
            _reader = Guarded(() => XmlReader.Create(metered, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                IgnoreWhitespace = true,
                CloseInput = true,
                NameTable = new BoundedNames(),
            }));
        }
        catch
        {
            metered.Dispose();
            throw;
        }
    }

    public XmlReader Xml => _reader;

    public bool IsStart => _reader.NodeType == XmlNodeType.Element;

    public bool IsEnd => _reader.NodeType == XmlNodeType.EndElement;

    /// <summary>Goes to the next node; false at the end of the part.</summary>
    public bool Read()
    {
        _sinceNode = 0;
        try
        {
            if (!_reader.Read()) return false;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw SheetException.Damaged(e);
        }
        if (_reader.Depth > MaxDepth) throw SheetException.Damaged();
        return true;
    }

    /// <summary>The text in the element the reader stands on, which is then at its end. Valid until the next call.</summary>
    /// <exception cref="SheetException">Longer than a cell may be.</exception>
    public ReadOnlySpan<char> Text()
    {
        var length = 0;
        if (_reader.IsEmptyElement) return [];
        var depth = _reader.Depth;
        while (Read() && _reader.Depth > depth)
        {
            if (_reader.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace)) continue;
            for (int n; (n = Chunk(length)) > 0;)
                if ((length += n) > _maxChars)
                    throw new SheetException($"有单元格的文字超过 {_maxChars:N0} 字。请缩短后再上传。");
        }
        return _chars.AsSpan(0, length);
    }

    /// <summary>The text of a string item (si, is) the reader stands on: its runs joined, phonetic runs left out.</summary>
    public string RichText()
    {
        if (_reader.IsEmptyElement) return "";
        _rich.Clear();
        var depth = _reader.Depth;
        var phonetic = false;
        while (Read() && _reader.Depth > depth)
        {
            if (_reader.LocalName == "rPh") phonetic = IsStart && !_reader.IsEmptyElement;
            else if (IsStart && !phonetic && _reader.LocalName == "t") _rich.Append(Text());
            if (_rich.Length > _maxChars) throw new SheetException($"有单元格的文字超过 {_maxChars:N0} 字。请缩短后再上传。");
        }
        return EscapedChars.Decode(_rich.ToString());
    }

    public void Dispose() => _reader.Dispose();

    private int Chunk(int from)
    {
        _sinceNode = 0;
        try
        {
            return _reader.ReadValueChunk(_chars, from, _chars.Length - from);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw SheetException.Damaged(e);
        }
    }

    private static XmlReader Guarded(Func<XmlReader> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw SheetException.Damaged(e);
        }
    }

    private static bool IsDamage(Exception e) => e is XmlException or InvalidDataException or IOException or DecoderFallbackException or ArgumentException;
}
