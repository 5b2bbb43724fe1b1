using System.Globalization;
using KuaipuCrm.Platform.CustomFields;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Turns filters and groups of conditions into SQL. Only declared fields get into the text, and every value is a parameter.</summary>
internal sealed class FilterSql(Engine engine, Scope scope, ICurrentUser me, Caches caches, ModuleCatalog catalog, TimeProvider clock)
{
    private const int MostDepth = 4, MostTerms = 50;

    /// <summary>Where a field's value stands: its column, or its place in the JSON of custom fields.</summary>
    public string Expression(FieldDefinition f, string column, string alias = "a") => f.Custom ? engine.Custom(alias + ".extra", f.Name, CustomField.IsWhole(f.Kind)) : alias + "." + column;

    /// <summary>Conditions that all must hold anyway stand beside the others, where the plan can go by them.</summary>
    public static ListRequest Flat(ListRequest request)
    {
        var (filters, where) = (request.Filters, request.Where);
        // A group of one group is that group.
        while (where is { Filters: null or { Count: 0 }, Groups: [{ } only] }) where = only;
        if (where is { Any: false, Filters: { Count: > 0 } all })
        {
            if (all.Count > MostTerms) throw new Invalid("where", $"条件过多，最多 {MostTerms} 个。");
            var own = all.Where(f => f?.Field?.Contains('.') == false).ToList();
            (filters, where) = ([.. filters, .. own], where with { Filters = [.. all.Except(own)] });
        }
        if (where is { Filters: null or { Count: 0 }, Groups: null or { Count: 0 } })
            // Nothing at all is no condition; a group with nothing in it is a slip that would show more than was meant.
            where = request.Where is { Groups.Count: > 0 } && filters.Count == request.Filters.Count ? throw new Invalid("where", "条件组是空的。") : null;
        return request with { Filters = filters, Where = where };
    }

    /// <summary>A group of conditions; only declared fields, every value a parameter, as everywhere.</summary>
    public Sql Group(DocumentDefinition d, ConditionGroup group)
    {
        var terms = 0;
        return Of(group, 1);

        Sql Of(ConditionGroup g, int depth)
        {
            if (depth > MostDepth) throw new Invalid("where", $"条件组最多 {MostDepth} 层。");
            if (g is null || g.Filters?.Any(f => f?.Field is null || f.Values is null) == true) throw new Invalid("where", "条件不完整。");
            var parts = (g.Filters ?? []).Select(f => ++terms > MostTerms ? throw new Invalid("where", $"条件过多，最多 {MostTerms} 个。") : f.Field.Contains('.') ? Referred(d, f) : Condition(d, f))
                .Concat((g.Groups ?? []).Select(inner => Of(inner, depth + 1))).ToList();
            if (parts.Count == 0) throw new Invalid("where", "条件组是空的。");
            return $"({Sql.Join(g.Any ? " or " : " and ", parts)})";
        }
    }

    /// <summary>A condition on the document a field refers to: the user's right and rows of that type count.</summary>
    private Sql Referred(DocumentDefinition d, Filter filter)
    {
        var (by, name) = filter.Field.Split('.', 2) is [var b, var n] ? (b, n) : throw new InvalidOperationException();
        var reference = d.Field(by);
        if (reference is not { Kind: FieldKind.Reference, Hidden: false, RefersTo: { } type }) throw new Invalid(filter.Field, $"{reference.Label}不是引用，不能按它的字段筛选。");
        var other = catalog.FindDocument(type) ?? throw new Invalid(filter.Field, $"不能按{reference.Label}的字段筛选。");
        if (!me.May(other.Permission(DocumentRight.Read))) throw new NotAllowed($"{other.Label}：查看");
        return $"exists (select 1 from {Sql.Trusted(other.Table)} r where r.id = {Sql.Trusted(Expression(reference, reference.Column))} and r.deleted_at is null and {scope.Of(type, "r")} and {Condition(other, filter with { Field = name }, alias: "r")})";
    }

    /// <summary>One condition.</summary>
    /// <param name="d">The type.</param>
    /// <param name="filter">The condition.</param>
    /// <param name="unary">SQLite: not by the field's index.</param>
    /// <param name="alias">The table's.</param>
    /// <param name="rule">A rule asks, not a user: nobody's rights count, a custom field that was hidden since is read all the same, and <c>@me</c> is this user.</param>
    public Sql Condition(DocumentDefinition d, Filter filter, bool unary = false, string alias = "a", long? rule = null)
    {
        var f = d.Field(filter.Field);
        if (rule is null && f is { Custom: true, Hidden: true }) throw new Invalid(filter.Field, $"字段“{f.Label}”已停用或删除，不能再按它筛选。请去掉这个条件。");
        if (rule is null ? f.Hidden || !f.VisibleTo(me) : f is { Hidden: true, Custom: false }) throw new Invalid(filter.Field, $"不能按{f.Label}筛选。");
        var zone = Zones.Find(caches.Company.TimeZone);
        var column = Sql.Trusted((unary ? "+" : "") + Expression(f, f.Column, alias));
        // Probing a masked number digit by digit would unmask it.
        if (rule is null && f.Masked && filter.Op is not (FilterOp.Is or FilterOp.Empty or FilterOp.NotEmpty) && !me.May(d.Permission(DocumentRight.Unmask)))
            throw new Invalid(f.Name, $"{f.Label}只能按完整内容筛选。");
        if (filter.Values.Count == 0 && filter.Op is not (FilterOp.Empty or FilterOp.NotEmpty)) throw new Invalid(f.Name, $"请填写{f.Label}的筛选值。");
        if (filter.Values.Count > 500) throw new Invalid(f.Name, "筛选的值过多，最多 500 个。");
        object? Value(int i) => i < filter.Values.Count ? FieldCodec.ToDb(f, FieldCodec.Parse(f, filter.Values[i] == "@me" ? rule ?? me.Id : filter.Values[i], zone)) : null;
        object Each(int i) => Value(i) ?? throw new Invalid(f.Name, $"请填写{f.Label}的筛选值。");
        object Need() => Value(0) ?? throw new Invalid(f.Name, $"请填写{f.Label}的筛选值。");
        switch (filter.Op)
        {
            case FilterOp.Empty: return $"({column} is null)";
            case FilterOp.NotEmpty: return $"({column} is not null)";
            case FilterOp.Is or FilterOp.IsNot when f is { Custom: true, Kind: FieldKind.Flag }:
                {
                    var yes = FieldCodec.Parse(f, filter.Values[0], zone) is true == (filter.Op == FilterOp.Is);
                    return yes ? (Sql)$"({column} = {1L})" : $"({column} is null)";
                }
            case FilterOp.Is or FilterOp.In or FilterOp.IsNot when f.Kind is FieldKind.Reference:
                return Not(filter, filter.Values.Count == 1 ? (Sql)$"{column} = {(long)Each(0)}" : engine.In(column, [.. filter.Values.Select((_, i) => (long)Each(i))]), column);
            case FilterOp.Is or FilterOp.In or FilterOp.IsNot when f.Kind is FieldKind.Choice:
                return Not(filter, OneOf(column, [.. filter.Values.SelectMany(v => WithBelow(f.Dictionary!, v))]), column);
            case FilterOp.Is or FilterOp.In or FilterOp.IsNot when f.Kind is FieldKind.Fixed:
                return Not(filter, OneOf(column, [.. filter.Values.Select((_, i) => (string)Each(i))]), column);
            case FilterOp.Is when f.Kind is FieldKind.Date: return $"({column} = {Need()})";
            case FilterOp.Is when f.Kind is FieldKind.Instant:
                {
                    var (from, to) = Day(filter.Values[0], zone) ?? throw new Invalid(f.Name, $"{f.Label}不是有效的日期。");
                    return $"({column} >= {from} and {column} < {to})";
                }
            case FilterOp.To when f.Kind is FieldKind.Instant && Day(filter.Values[0], zone) is { } day: return $"({column} < {day.To})";
            case FilterOp.Within: return Span(f, column, filter.Values.FirstOrDefault() ?? "", zone);
            case FilterOp.Is: return $"({column} = {Need()})";
            case FilterOp.IsNot: return $"({column} is null or {column} <> {Need()})";
            case FilterOp.From: return $"({column} >= {Need()})";
            case FilterOp.To: return $"({column} <= {Need()})";
            case FilterOp.Contains when IsText(f): return $"({engine.Contains(column, Need().ToString()!)})";
            // A range, so that the index serves.
            case FilterOp.StartsWith when f is { Custom: true, Indexed: true, Kind: FieldKind.Text }: return $"({column} >= {Need().ToString()!} and {column} < {Need() + "\uffff"})";
            case FilterOp.StartsWith when IsText(f): return $"({engine.StartsWith(column, Need().ToString()!)})";
            default: throw new Invalid(f.Name, $"{f.Label}不支持这种筛选方式。");
        }
    }

    private static Sql Not(Filter filter, Sql isIn, Sql column) => filter.Op == FilterOp.IsNot ? (Sql)$"({column} is null or not ({isIn}))" : $"({isIn})";

    /// <summary>A single value by equality: then the index that begins with it has the order behind it.</summary>
    private Sql OneOf(Sql column, IReadOnlyList<string> codes) => codes.Count == 1 ? $"{column} = {codes[0]}" : engine.In(column, codes);

    private static bool IsText(FieldDefinition f) => f.Kind is FieldKind.Text or FieldKind.LongText or FieldKind.Phone or FieldKind.Email or FieldKind.Url;

    /// <summary>A province stands for its cities too.</summary>
    private IEnumerable<string> WithBelow(string dictionary, string code)
    {
        yield return code;
        foreach (var entry in caches.Dictionaries.Find(dictionary)?.Entries.Where(e => e.Parent == code) ?? [])
            foreach (var below in WithBelow(dictionary, entry.Code))
                yield return below;
    }

    private static Sql Before(FieldDefinition f, Sql column, DateOnly day, TimeZoneInfo zone) => f.Kind == FieldKind.Date ? (Sql)$"({column} < {FieldCodec.ToDb(f, day)})" : $"({column} < {Utc(day, zone)})";

    private static Sql NotBefore(FieldDefinition f, Sql column, DateOnly day, TimeZoneInfo zone) => f.Kind == FieldKind.Date ? (Sql)$"({column} >= {FieldCodec.ToDb(f, day)})" : $"({column} >= {Utc(day, zone)})";

    private static (DateTime From, DateTime To)? Day(string text, TimeZoneInfo zone) => FieldCodec.Day(text.Trim()) is { } day && !text.Contains(':') ? Span(day, day.AddDays(1), zone) : null;

    private static (DateTime From, DateTime To) Span(DateOnly from, DateOnly to, TimeZoneInfo zone) => (Utc(from, zone), Utc(to, zone));

    private static DateTime Utc(DateOnly day, TimeZoneInfo zone)
    {
        var at = day.ToDateTime(TimeOnly.MinValue);
        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(at) ? at.AddHours(1) : at, zone);
    }

    private Sql Span(FieldDefinition f, Sql column, string name, TimeZoneInfo zone)
    {
        if (f.Kind is not (FieldKind.Date or FieldKind.Instant)) throw new Invalid(f.Name, $"{f.Label}不是日期。");
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, zone));
        var monday = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        var month = new DateOnly(today.Year, today.Month, 1);
        // Open to one side: how many days ago it was, by whole days.
        if (name.Split(':') is [var side and ("atLeast" or "lessThan"), var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= 36_500)
            return side == "atLeast" ? Before(f, column, today.AddDays(1 - days), zone) : NotBefore(f, column, today.AddDays(1 - days), zone);
        if (name is "beforeToday" or "untilToday") return Before(f, column, name == "beforeToday" ? today : today.AddDays(1), zone);
        var (from, to) = name switch
        {
            "next7Days" => (today, today.AddDays(7)),
            "today" => (today, today.AddDays(1)),
            "yesterday" => (today.AddDays(-1), today),
            "thisWeek" => (monday, monday.AddDays(7)),
            "lastWeek" => (monday.AddDays(-7), monday),
            "thisMonth" => (month, month.AddMonths(1)),
            "lastMonth" => (month.AddMonths(-1), month),
            "thisYear" => (new DateOnly(today.Year, 1, 1), new DateOnly(today.Year + 1, 1, 1)),
            "last7Days" => (today.AddDays(-6), today.AddDays(1)),
            "last30Days" => (today.AddDays(-29), today.AddDays(1)),
            "last90Days" => (today.AddDays(-89), today.AddDays(1)),
            _ => throw new Invalid(f.Name, $"没有名为“{(name.Length > 20 ? name[..20] : name)}”的时间范围。"),
        };
        if (f.Kind == FieldKind.Date) return $"({column} >= {FieldCodec.ToDb(f, from)} and {column} < {FieldCodec.ToDb(f, to)})";
        var span = Span(from, to, zone);
        return $"({column} >= {span.From} and {column} < {span.To})";
    }
}
