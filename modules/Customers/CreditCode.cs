using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers;

/// <summary>Unified social credit code (统一社会信用代码), GB 32100-2015: 18 characters, the last one a check.</summary>
internal static class CreditCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /// <summary>Half width, upper case, without blanks and dashes.</summary>
    public static string Normalize(string text) => TextNorm.Fold(text).Replace(" ", "").Replace("-", "").ToUpperInvariant();

    /// <summary>What is wrong with a normalized code, in Chinese; null if nothing.</summary>
    public static string? Problem(string code)
    {
        if (code.Length != 18) return $"统一社会信用代码须为 18 位，现在是 {code.Length} 位。";
        foreach (var c in code)
            if (!Alphabet.Contains(c)) return c is 'I' or 'O' or 'S' or 'V' or 'Z' ? $"统一社会信用代码不使用字母 {c}，请核对是否为数字。" : $"统一社会信用代码含有无效字符“{c}”。";
        return code[17] == Check(code) ? null : "统一社会信用代码的校验位不对，请核对是否有输错的字符。";
    }

    /// <summary>A valid code for demo data.</summary>
    public static string Make(int sequence)
    {
        var head = "91440300MA" + sequence.ToString("D7", System.Globalization.CultureInfo.InvariantCulture);
        return head + Check(head);
    }

    private static char Check(string code)
    {
        var (sum, weight) = (0, 1);
        for (var i = 0; i < 17; i++)
        {
            sum += Alphabet.IndexOf(code[i]) * weight;
            weight = weight * 3 % 31;
        }
        return Alphabet[(31 - sum % 31) % 31];
    }
}
