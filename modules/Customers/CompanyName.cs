using System.Text;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers;

/// <summary>The form in which company names are compared for duplicates (CUS-4): without width, blanks, punctuation and legal form.</summary>
internal static class CompanyName
{
    private static readonly string[] LegalForms = ["股份有限公司", "有限责任公司", "股份公司", "有限公司", "有限合伙", "普通合伙", "分公司", "公司", "coltd", "ltd", "inc", "corp", "llc"];

    /// <summary>Empty where nothing comparable is left.</summary>
    public static string Normalize(string name)
    {
        var b = new StringBuilder(name.Length);
        foreach (var c in TextNorm.Fold(name))
            if (char.IsLetterOrDigit(c)) b.Append(c);
        var plain = b.ToString();
        foreach (var form in LegalForms)
            if (plain.Length > form.Length + 1 && plain.EndsWith(form, StringComparison.Ordinal))
            {
                plain = plain[..^form.Length];
                break;
            }
        return plain.Length > 100 ? plain[..100] : plain;
    }
}
