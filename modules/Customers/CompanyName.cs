using System.Text;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers;

/// <summary>The form in which company names are compared for duplicates (CUS-4): without width, blanks, punctuation and legal form.</summary>
internal static class CompanyName
{
    /// <summary>The column is as wide.</summary>
    public const int MaxLength = 100;

    private const string Branch = "分公司";

    // The longest first: 股份有限责任公司 ends with 有限责任公司.
    private static readonly string[] LegalForms =
        ["股份有限责任公司", "有限责任公司", "股份有限公司", "股份公司", "有限公司", "公司", "特殊普通合伙", "有限合伙", "普通合伙"];

    // Within the name of a branch, which goes on behind it. Not the bare 公司 there: it may be part of a word.
    private static readonly string[] InnerForms = ["股份有限责任公司", "有限责任公司", "股份有限公司", "有限公司"];

    private static readonly HashSet<string> LatinForms = ["co", "ltd", "limited", "company", "inc", "incorporated", "corp", "corporation", "llc", "plc", "gmbh"];

    /// <summary>
    /// 上海（集团）有限公司 and 上海集团股份公司 both give 上海集团. What stands in brackets is kept; a branch (…北京分公司) stays apart from
    /// its company. Empty where nothing comparable is left; never fewer than two characters of a name are left by dropping its form.
    /// </summary>
    public static string Normalize(string name)
    {
        var plain = Letters(WithoutLatinForms(TextNorm.Fold(name)));
        plain = plain.EndsWith(Branch, StringComparison.Ordinal) ? WithoutInnerForm(plain) : WithoutEnding(plain);
        return plain.Length > MaxLength ? plain[..MaxLength] : plain;
    }

    /// <summary>How a comparison form sounds (深圳大疆 like 深圳大江); null for short ones, of which many sound alike.</summary>
    public static string? Sound(string key) => key.Length < 4 ? null : Pinyin.Sound(key, MaxLength);

    private static string WithoutEnding(string plain)
    {
        foreach (var form in LegalForms)
            if (plain.EndsWith(form, StringComparison.Ordinal))
                return plain.Length >= form.Length + 2 ? plain[..^form.Length] : plain;
        return plain;
    }

    private static string WithoutInnerForm(string plain)
    {
        foreach (var form in InnerForms)
            if (plain.IndexOf(form, StringComparison.Ordinal) is >= 2 and var at)
                return plain.Remove(at, form.Length);
        return plain;
    }

    /// <summary>Whole words only: Zinc ends with inc and is none.</summary>
    private static string WithoutLatinForms(string folded)
    {
        var end = folded.Length;
        while (true)
        {
            var to = end;
            while (to > 0 && !char.IsLetterOrDigit(folded[to - 1])) to--;
            var from = to;
            while (from > 0 && char.IsAsciiLetterOrDigit(folded[from - 1])) from--;
            if (from < 2 || !LatinForms.Contains(folded[from..to])) return folded[..end];
            end = from;
        }
    }

    private static string Letters(string folded)
    {
        var b = new StringBuilder(folded.Length);
        foreach (var c in folded)
            // Rare characters of names are surrogate pairs; 〇 is a number letter.
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || c == '〇') b.Append(c);
        return b.ToString();
    }
}
