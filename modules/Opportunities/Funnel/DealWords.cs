using System.Globalization;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Opportunities.Funnel;

/// <summary>Amounts as people say them.</summary>
internal static class DealWords
{
    /// <summary>In ten thousands in Chinese, in full in English.</summary>
    public static string Money(decimal yuan) => Chinese && Math.Abs(yuan) >= 10_000 ? $"¥{(yuan / 10_000).ToString("#,##0.##", CultureInfo.InvariantCulture)}{L("万")}" : $"¥{yuan.ToString("#,##0.##", CultureInfo.InvariantCulture)}";

    public static string Percent(decimal? rate) => rate is { } r ? (r * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%" : "—";
}
