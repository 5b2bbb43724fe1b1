using System.Globalization;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers;

/// <summary>Unified social credit code (统一社会信用代码), GB 32100-2015: 18 characters, the last one a check.</summary>
internal static class CreditCode
{
    private const int Length = 18;

    /// <summary>Without I, O, S, V and Z, which pass for digits.</summary>
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /// <summary>Half width, upper case, without blanks and dashes.</summary>
    public static string Normalize(string text) => TextNorm.Fold(text).Replace(" ", "").Replace("-", "").ToUpperInvariant();

    /// <summary>Whether the code, however it is typed, is right.</summary>
    public static bool IsValid(string text) => Problem(text) is null;

    /// <summary>What is wrong with a code, however it is typed, as a Chinese sentence for the user; null if nothing.</summary>
    public static string? Problem(string text)
    {
        var code = Normalize(text);
        if (code.Length != Length) return $"统一社会信用代码须为 {Length} 位，现在是 {code.Length} 位。";
        foreach (var c in code)
            if (!Alphabet.Contains(c))
                return c is 'I' or 'O' or 'S' or 'V' or 'Z' ? $"统一社会信用代码不使用字母 {c}，请核对是否为数字。" : $"统一社会信用代码含有无效字符“{c}”。";
        return code[^1] == Check(code) ? null : "统一社会信用代码的校验位不对，请核对是否有输错的字符。";
    }

    /// <summary>A valid code for demo and test data, of a Shenzhen enterprise; equal numbers give equal codes.</summary>
    /// <param name="sequence">0 to 9,999,999.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or has more than seven digits.</exception>
    public static string Make(int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, 9_999_999);
        var head = "91440300MA" + sequence.ToString("D7", CultureInfo.InvariantCulture);
        return head + Check(head);
    }

    private static char Check(string code)
    {
        var (sum, weight) = (0, 1);
        for (var i = 0; i < Length - 1; i++)
        {
            sum += Alphabet.IndexOf(code[i]) * weight;
            weight = weight * 3 % 31;
        }
        return Alphabet[(31 - sum % 31) % 31];
    }
}
