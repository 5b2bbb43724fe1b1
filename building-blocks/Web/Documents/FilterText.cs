using KuaipuCrm.Sdk;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Web.Documents;

/// <summary>A condition as people read it.</summary>
public static class FilterText
{
    /// <summary>In Chinese; to be said by L.</summary>
    public static readonly IReadOnlyDictionary<string, string> Spans = new Dictionary<string, string>
    {
        ["today"] = "今天",
        ["yesterday"] = "昨天",
        ["thisWeek"] = "本周",
        ["lastWeek"] = "上周",
        ["thisMonth"] = "本月",
        ["lastMonth"] = "上月",
        ["thisYear"] = "今年",
        ["last7Days"] = "近 7 天",
        ["last30Days"] = "近 30 天",
        ["last90Days"] = "近 90 天",
        ["next7Days"] = "今天起 7 天",
        ["beforeToday"] = "今天以前",
        ["untilToday"] = "到今天为止",
    };

    /// <summary>A span as people read it; <c>atLeast:15</c> is 15 or more days ago.</summary>
    public static string Span(string span) => span.Split(':') is [var side and ("atLeast" or "lessThan"), var days]
        ? side == "atLeast" ? L($"至少 {days} 天前") : L($"不到 {days} 天前") : L(Spans.GetValueOrDefault(span, span));

    public static string Op(FilterOp op) => op switch
    {
        FilterOp.Is => L("等于"),
        FilterOp.IsNot => L("不等于"),
        FilterOp.In => L("属于"),
        FilterOp.Contains => L("包含"),
        FilterOp.StartsWith => L("开头是"),
        FilterOp.From => L("不小于"),
        FilterOp.To => L("不大于"),
        FilterOp.Empty => L("为空"),
        FilterOp.NotEmpty => L("不为空"),
        _ => L("在"),
    };

    /// <summary>The comparisons that make sense for a kind.</summary>
    public static IReadOnlyList<FilterOp> Ops(FieldDefinition f) => f.Kind switch
    {
        FieldKind.Choice or FieldKind.Fixed or FieldKind.Reference => [FilterOp.Is, FilterOp.IsNot, FilterOp.Empty, FilterOp.NotEmpty],
        FieldKind.Date or FieldKind.Instant => [FilterOp.Within, FilterOp.From, FilterOp.To, FilterOp.Is, FilterOp.Empty, FilterOp.NotEmpty],
        FieldKind.Number or FieldKind.Money or FieldKind.Quantity => [FilterOp.From, FilterOp.To, FilterOp.Is, FilterOp.Empty, FilterOp.NotEmpty],
        FieldKind.Flag => [FilterOp.Is],
        _ when f.Masked => [FilterOp.Is, FilterOp.Empty, FilterOp.NotEmpty],
        FieldKind.LongText => [FilterOp.Contains, FilterOp.Empty, FilterOp.NotEmpty],
        _ => [FilterOp.Contains, FilterOp.Is, FilterOp.StartsWith, FilterOp.Empty, FilterOp.NotEmpty],
    };

    public static string Of(DocumentDefinition d, Filter filter, IDictionaries dictionaries, IFormat format)
    {
        if (d.Find(filter.Field) is not { } f) return filter.Field;
        var values = filter.Values.Select(v => filter.Op == FilterOp.Within ? Span(v)
            : v == "@me" ? L("我")
            : f.Kind == FieldKind.Choice ? dictionaries.Label(f.Dictionary!, v)
            : f.Kind == FieldKind.Fixed ? f.Values.FirstOrDefault(x => x.Code == v)?.Label ?? v
            : f.Kind == FieldKind.Flag ? v == "true" ? L("是") : L("否")
            : v);
        return filter.Op is FilterOp.Empty or FilterOp.NotEmpty ? $"{f.Label} {Op(filter.Op)}" : $"{f.Label} {Op(filter.Op)} {string.Join(L("、"), values)}";
    }
}
