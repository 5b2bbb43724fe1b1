using System.Text;

namespace KuaipuCrm.Sdk.Text;

/// <summary>Phone numbers as Chinese users write them.</summary>
public static class Phone
{
    /// <summary>Digits only, without the country code of a mainland mobile.</summary>
    public static string Normalize(string raw)
    {
        var b = new StringBuilder(raw.Length);
        foreach (var c in TextNorm.Fold(raw))
            if (char.IsAsciiDigit(c)) b.Append(c);
        var digits = b.ToString();
        if (digits.Length == 15 && digits.StartsWith("0086", StringComparison.Ordinal)) return digits[4..];
        return digits.Length == 13 && digits.StartsWith("861", StringComparison.Ordinal) ? digits[2..] : digits;
    }

    /// <summary>A mainland mobile number, however it is spaced.</summary>
    public static bool IsMobile(string raw) => Written(raw) && Normalize(raw) is { Length: 11 } d && d[0] == '1' && d[1] is >= '3' and <= '9';

    /// <summary>Any phone: mobile, landline with area code and extension, 400, international.</summary>
    public static bool IsPhone(string raw) => Written(raw) && Normalize(raw).Length is >= 5 and <= 20;

    /// <summary>138****1234; of other numbers the last four stay.</summary>
    public static string Mask(string raw)
    {
        var digits = Normalize(raw);
        if (digits.Length == 11 && digits[0] == '1') return string.Concat(digits.AsSpan(0, 3), "****", digits.AsSpan(7));
        var area = raw.IndexOf('-') is > 0 and < 6 and var dash ? raw[..(dash + 1)] : "";
        return digits.Length > 4 ? $"{area}****{digits[^4..]}" : "****";
    }

    public static string MaskIdNumber(string raw) => raw.Length > 8 ? $"{raw[..4]}{new string('*', raw.Length - 8)}{raw[^4..]}" : "****";

    public static string MaskEmail(string raw) => raw.IndexOf('@') is > 0 and var at ? $"{raw[0]}***{raw[at..]}" : "***";

    private static bool Written(string raw) => TextNorm.Fold(raw).All(c => char.IsAsciiDigit(c) || c is ' ' or '-' or '+' or '(' or ')' or '*' or '#' or '/' or '.' or '转' or ',' or 'x');
}
