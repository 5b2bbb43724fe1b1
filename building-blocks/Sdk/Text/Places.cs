namespace KuaipuCrm.Sdk.Text;

/// <summary>Names of Chinese places.</summary>
public static class Places
{
    private static readonly string[] Kinds = ["壮族自治区", "维吾尔自治区", "回族自治区", "特别行政区", "自治区", "自治州", "地区", "省", "市", "盟"];

    /// <summary>Without the word for its kind: 苏州 for 苏州市, 广西 for 广西壮族自治区.</summary>
    public static string Short(string name) => Kinds.FirstOrDefault(k => name.Length > k.Length + 1 && name.EndsWith(k, StringComparison.Ordinal)) is { } kind ? name[..^kind.Length] : name;
}
