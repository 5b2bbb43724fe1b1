using System.Text;

namespace KuaipuCrm.Platform.Sheets.Csv;

/// <summary>What a text consists of under one encoding: counts that tell text from nonsense.</summary>
internal sealed class TextSurvey
{
    private const string Mojibake = "锟斤拷";

    // By character: 0 other, 1 common Chinese (GB2312 level 1, ordered by Pinyin A to R), 2 the same S to Z, 3 signs Chinese text uses.
    private static readonly byte[] Classes = BuildClasses();

    private long _chars, _controls, _broken, _beyondAscii, _early, _late, _signs;
    private bool _nul;

    /// <summary>NUL, or more than 1 in 1000 control characters beside three (Word's soft line breaks get into cells).</summary>
    public bool IsBinary => _nul || _controls * 1000 > _chars + 3000;

    /// <summary>Replacement characters, more than 1 in 1000 beyond ASCII: decoded wrongly before and saved so.</summary>
    public bool HasBrokenChars => _broken * 1000 > _beyondAscii;

    /// <summary>
    /// True if what is beyond ASCII is mostly common Chinese. Bytes of Big5, Shift-JIS, Cyrillic or Latin texts decode in GB18030 too,
    /// but into rare characters; Korean ones into common characters of the first half of the alphabet only.
    /// </summary>
    public bool ReadsAsChinese => (_early + _late + _signs) * 10 >= _beyondAscii * 7 && (_early < 30 || _late * 10 >= _early);

    /// <summary>Reads all of a stream; null if a byte is invalid in the encoding.</summary>
    public static TextSurvey? Of(Stream stream, Encoding strict)
    {
        var survey = new TextSurvey();
        var decoder = strict.GetDecoder();
        var bytes = new byte[32 << 10];
        var chars = new char[strict.GetMaxCharCount(bytes.Length)];
        try
        {
            int read;
            do
            {
                read = stream.Read(bytes);
                survey.Count(chars.AsSpan(0, decoder.GetChars(bytes.AsSpan(0, read), chars, flush: read == 0)));
            }
            while (read > 0);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        return survey;
    }

    private void Count(ReadOnlySpan<char> text)
    {
        _chars += text.Length;
        for (var rest = text; rest.IndexOf(Mojibake) is >= 0 and var at; rest = rest[(at + Mojibake.Length)..]) _broken++;
        foreach (var c in text)
        {
            if (c < 0x80)
            {
                if (c >= ' ' || c is '\t' or '\r' or '\n') continue;
                if (c == 0) _nul = true;
                _controls++;
                continue;
            }
            _beyondAscii++;
            if (c < 0xA0) _controls++;
            else if (c == '\uFFFD') _broken++;
            else
                switch (Classes[c])
                {
                    case 1: _early++; break;
                    case 2: _late++; break;
                    case 3: _signs++; break;
                }
        }
    }

    private static byte[] BuildClasses()
    {
        var classes = new byte[char.MaxValue + 1];
        var gb2312 = Encoding.GetEncoding(936);
        for (byte row = 0xA1; row <= 0xD7; row++)
        {
            if (row is > 0xA3 and < 0xB0) continue;
            for (byte cell = 0xA1; cell <= 0xFE; cell++)
                classes[gb2312.GetString([row, cell])[0]] = row < 0xB0 ? (byte)3 : row < 0xC9 ? (byte)1 : (byte)2;
        }
        classes['\uFEFF'] = 3;
        return classes;
    }
}
