using AnyAscii;

namespace KuaipuCrm.Sdk.Text;

/// <summary>Pinyin initials of names (UI-8): 重庆长安 is found by cqca.</summary>
public static class Pinyin
{
    /// <summary>The most that is made; columns are as wide.</summary>
    public const int MaxLength = 60;

    // A person's name is at most a surname of two and a given name of two characters.
    private const int LongestPersonName = 4;

    /// <summary>
    /// Lower-case initials of the Chinese characters; Latin letters (without accents) and digits stay, half width and lower case; all else is dropped.
    /// A character with several readings is read as in the company and place names and surnames it is met in; one reading each.
    /// </summary>
    public static string Initials(string name)
    {
        Span<char> into = stackalloc char[MaxLength];
        var n = 0;
        for (var i = 0; i < name.Length && n < MaxLength; i++)
        {
            var c = TextNorm.HalfWidth(name[i]);
            if (char.IsAscii(c))
            {
                if (char.IsAsciiLetterOrDigit(c)) into[n++] = char.ToLowerInvariant(c);
                continue;
            }
            var letter = Table.Letters[c];
            if (letter >= Table.BeginsPhrase)
            {
                if (PinyinReadings.PhraseAt(name.AsSpan(i)) is { } phrase)
                {
                    var taken = Math.Min(phrase.Initials.Length, MaxLength - n);
                    phrase.Initials.AsSpan(0, taken).CopyTo(into[n..]);
                    n += taken;
                    i += phrase.Word.Length - 1;
                    continue;
                }
                letter -= Table.BeginsPhrase;
            }
            if (n == 0 && PinyinReadings.Surname(c) is var surname and not '\0' && IsPersonName(name.AsSpan(i))) into[n++] = surname;
            else if (letter != 0) into[n++] = (char)letter;
        }
        return n == 0 ? "" : new string(into[..n]);
    }

    /// <summary>How a text sounds, one reading each, without tones: 深圳大疆 and 深圳大江 are both shenzhendajiang. Letters and digits only, lower case.</summary>
    /// <param name="most">So many letters of it.</param>
    public static string Sound(string text, int most)
    {
        var sound = new System.Text.StringBuilder();
        foreach (var c in text.EnumerateRunes())
        {
            if (sound.Length >= most) break;
            foreach (var letter in c.ToString().Transliterate())
                if (char.IsAsciiLetterOrDigit(letter)) sound.Append(char.ToLowerInvariant(letter));
        }
        return sound.Length > most ? sound.ToString(0, most) : sound.ToString();
    }

    /// <summary>Two to four Chinese characters: in 单晓明 and 单位 alike a surname may begin; the words are among the phrases.</summary>
    private static bool IsPersonName(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd();
        return text.Length is >= 2 and <= LongestPersonName && text.IndexOfAnyExceptInRange('\u3400', '\u9FFF') < 0;
    }

    /// <summary>The letter of every UTF-16 unit, 0 for none; made at first use (some ten milliseconds).</summary>
    private static class Table
    {
        /// <summary>Added to a letter where a phrase may begin with the character.</summary>
        public const byte BeginsPhrase = 128;

        public static readonly byte[] Letters = Make();

        private static byte[] Make()
        {
            var letters = new byte[char.MaxValue + 1];
            Fill('\u00C0', '\u024F');
            Fill('\u3400', '\u9FFF');
            Fill('\uF900', '\uFAD9');
            foreach (var (c, letter) in PinyinReadings.Characters) letters[c] = (byte)letter;
            foreach (var c in PinyinReadings.PhraseBeginnings) letters[c] |= BeginsPhrase;
            return letters;

            void Fill(char first, char last)
            {
                for (int c = first; c <= last; c++)
                    if (((char)c).ToString().Transliterate() is { Length: > 0 } latin && char.IsAsciiLetter(latin[0]))
                        letters[c] = (byte)char.ToLowerInvariant(latin[0]);
            }
        }
    }
}
