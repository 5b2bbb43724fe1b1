using System.Text;

namespace KuaipuCrm.Sdk.Text;

/// <summary>Phone numbers and other personal numbers as Chinese users write them: checked, compared and masked.</summary>
public static class Phone
{
    private const int MaxExtension = 6;

    /// <summary>The form kept for search: digits only (an extension's behind the number's), a mainland mobile without +86, 0086 or 86.</summary>
    public static string Normalize(string raw)
    {
        var b = new StringBuilder(raw.Length);
        foreach (var c in raw)
            if (TextNorm.HalfWidth(c) is var half && char.IsAsciiDigit(half)) b.Append(half);
        var digits = b.ToString();
        var prefix = digits.StartsWith("0086", StringComparison.Ordinal) ? 4 : digits.StartsWith("86", StringComparison.Ordinal) ? 2 : 0;
        return prefix > 0 && Mobile(digits.AsSpan(prefix)) ? digits[prefix..] : digits;
    }

    /// <summary>A mainland mobile number, however it is spaced, and nothing else beside it.</summary>
    public static bool IsMobile(string raw) => TextNorm.Fold(raw) is var text && text.All(Separates) && text.LastIndexOf('+') <= 0 && MainlandMobile(text);

    /// <summary>
    /// Any phone: mobile, landline with area code, 400 and 800, the local number alone, a service number such as 95588;
    /// each with an extension of up to six digits (转801, -801, x801); abroad as + or 00 and 7 to 15 digits.
    /// </summary>
    public static bool IsPhone(string raw)
    {
        var (number, extension) = Split(TextNorm.Fold(raw));
        return number.Length > 0 && number.All(Separates) && number.LastIndexOf('+') <= 0 && extension.Length <= MaxExtension && extension.All(char.IsAsciiDigit) && Known(number);
    }

    /// <summary>
    /// 138****1234, 0755-****6677, 400-***6677: the last four digits and what tells the kind stay; an extension goes.
    /// Of a text too short to hide anything in only stars.
    /// </summary>
    public static string Mask(string raw)
    {
        if (MaskPlain(raw) is { } plain) return plain;
        var number = Split(TextNorm.Fold(raw)).Number;
        var digits = Normalize(number);
        if (MainlandMobile(number)) return string.Concat(digits.AsSpan(0, 3), "****", digits.AsSpan(7));
        if (digits.Length < 7) return digits.Length > 4 ? string.Concat(new string('*', digits.Length - 2), digits.AsSpan(digits.Length - 2)) : "****";
        var area = International(number) ? 0 : AreaLength(digits);
        var head = area > 0 && digits.Length >= area + 7 ? $"{digits[..area]}-" : International(number) ? "+" : "";
        var hidden = digits.Length - 4 - (head.Length > 1 ? area : 0);
        return $"{head}{new string('*', Math.Min(hidden, 8))}{digits[^4..]}";
    }

    /// <summary>The two ways in which nearly all numbers are written, 13812341234 and 0755-27933677, without taking them apart: a page of a list has fifty.</summary>
    private static string? MaskPlain(string raw)
    {
        var dash = -1;
        for (var i = 0; i < raw.Length; i++)
            if (raw[i] == '-' && dash < 0) dash = i;
            else if (!char.IsAsciiDigit(raw[i])) return null;
        if (dash < 0) return Mobile(raw) ? string.Concat(raw.AsSpan(0, 3), "****", raw.AsSpan(7)) : null;
        var local = raw.Length - dash - 1;
        return local is 7 or 8 && raw[0] == '0' && AreaLength(raw[..dash]) == dash
            ? string.Concat(raw.AsSpan(0, dash + 1), local == 7 ? "***" : "****", raw.AsSpan(raw.Length - 4)) : null;
    }

    /// <summary>An identity card or passport number with its two ends left: 4403**********1234; the shorter, the less is left.</summary>
    public static string MaskIdNumber(string raw)
    {
        var shown = Math.Min(4, raw.Length / 4);
        return shown == 0 ? "****" : string.Concat(raw.AsSpan(0, shown), new string('*', raw.Length - 2 * shown), raw.AsSpan(raw.Length - shown));
    }

    /// <summary>An address with the first letter and the domain left: z***@example.com.</summary>
    public static string MaskEmail(string raw) => raw.LastIndexOf('@') is > 0 and var at ? $"{raw[0]}***{raw[at..]}" : "***";

    private static bool Known(string number)
    {
        var digits = Normalize(number);
        if (MainlandMobile(number)) return true;
        if (International(number))
        {
            var length = digits.Length - (number[0] == '+' ? 0 : 2);
            return length is >= 7 and <= 15;
        }
        if (AreaLength(digits) is > 0 and var area) return digits[0] == '0' ? digits.Length - area is 7 or 8 : digits.Length == 10;
        // The country code without a plus: 86-755-27933677.
        if (digits.StartsWith("86", StringComparison.Ordinal) && digits.Length is >= 11 and <= 13) return Known(digits[2] == '0' ? digits[2..] : "0" + digits[2..]);
        return digits.Length switch
        {
            5 => digits[0] is '1' or '9',
            6 => digits[0] == '9',
            7 or 8 => digits[0] is >= '2' and <= '9',
            _ => false,
        };
    }

    private static bool Mobile(ReadOnlySpan<char> digits) => digits.Length == 11 && digits[0] == '1' && digits[1] is >= '3' and <= '9';

    /// <summary>+1 415 555 2671 has eleven digits like a mobile, but is one of another country.</summary>
    private static bool MainlandMobile(string number)
    {
        var digits = Normalize(number);
        return Mobile(digits) && (!International(number) || number.Count(char.IsAsciiDigit) > digits.Length);
    }

    private static bool International(string number) => number.StartsWith('+') || number.StartsWith("00", StringComparison.Ordinal);

    /// <summary>How many digits say where or what it is: 010 and 02x three, 0755 four, 400 and 800 three; none 0.</summary>
    private static int AreaLength(string digits) => digits.Length < 3 ? 0 : (digits[0], digits[1]) switch
    {
        ('0', '1') => digits[2] == '0' ? 3 : 0,
        ('0', '2') => 3,
        ('0', >= '3') => 4,
        ('4' or '8', '0') => digits[2] == '0' && digits.Length == 10 ? 3 : 0,
        _ => 0,
    };

    /// <summary>Parts a folded text into number and extension; a dash makes an extension where a whole number stands before it.</summary>
    private static (string Number, string Extension) Split(string folded)
    {
        foreach (var mark in (ReadOnlySpan<string>)["转", "分机", "ext.", "ext", "x", "#", ",", "*"])
            if (folded.IndexOf(mark, StringComparison.Ordinal) is > 0 and var at)
                return (folded[..at].TrimEnd(' ', '-', '('), folded[(at + mark.Length)..].Trim(' ', '-', ':', '.', ')'));
        var dash = folded.LastIndexOf('-');
        return dash > 0 && folded.Length - dash - 1 is >= 1 and <= MaxExtension && folded[..dash] is var number && number.All(Separates) && Whole(number)
            ? (number, folded[(dash + 1)..].Trim())
            : (folded, "");
    }

    // 0755-2793 before -3677 is no number; 2793 3677 before -801 is one.
    private static bool Whole(string number) => Normalize(number).Length >= 7 && !International(number) && Known(number);

    /// <summary>Digits and what people put between them.</summary>
    private static bool Separates(char c) => char.IsAsciiDigit(c) || c is ' ' or '-' or '+' or '(' or ')' or '.' or '–' or '—' or '‐' or '‑';
}
