using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Turns a list request into SQL. Only declared fields get into the text; every value is a parameter; the scope is always there.</summary>
internal sealed class ListSql(Engine engine, Scope scope, ICurrentUser me, Caches caches, ModuleCatalog catalog, NameSearch names, ScopeSize sizes, TimeProvider clock)
{
    /// <summary>The sort a request asks for.</summary>
    public static (FieldDefinition Field, string Column, bool Descending) Sort(DocumentDefinition d, ListRequest request)
    {
        var asked = request.Sort is { Length: > 0 };
        // A view brings an order of its own.
        var view = asked || request.View is not { Length: > 0 } name ? null : d.Views.FirstOrDefault(v => v.Name == name && v.Sort is not null);
        var f = d.Field(asked ? request.Sort! : view?.Sort ?? d.Order.Field);
        if (f.Kind == FieldKind.LongText || f.Hidden) throw new Invalid("sort", $"不能按{f.Label}排序。");
        return (f, f.SortColumn ?? f.Column, asked ? request.Descending : view?.Descending ?? (d.Order.Field == "updatedAt" ? request.Descending : d.Order.Descending));
    }

    /// <summary>The columns a request asks for: declared, not hidden.</summary>
    public static IReadOnlyList<FieldDefinition> Fields(DocumentDefinition d, ListRequest request) => request.Columns is { Count: > 0 } chosen
        ? [.. chosen.Distinct().Take(60).Select(d.Field).Where(f => !f.Hidden)]
        : [.. d.Fields.Where(f => f.Listed)];

    /// <summary>Which column of <see cref="Page"/>'s rows holds each field: owner and sort value stand before the others and are not read twice.</summary>
    public static int[] Places(DocumentDefinition d, ListRequest request, IReadOnlyList<FieldDefinition> fields)
    {
        var (_, column, _) = Sort(d, request);
        var (places, next) = (new int[fields.Count], SortAt + 1);
        for (var i = 0; i < places.Length; i++) places[i] = !IsBefore(fields[i], column) ? next++ : fields[i].Column == "owner_id" ? OwnerAt : SortAt;
        return places;
    }

    /// <summary>The columns before the fields: id, version, owner, sort value.</summary>
    public const int OwnerAt = 2, SortAt = 3;

    private static bool IsBefore(FieldDefinition f, string sortColumn) => f.Column == "owner_id" || f.Column == sortColumn;

    /// <summary>The statement for a page: one row more than asked for tells whether there is another page.</summary>
    /// <param name="backward">Reads against the order, for the previous page.</param>
    public async Task<Sql> Page(DocumentDefinition d, ListRequest request, IReadOnlyList<FieldDefinition> fields, int take, long skip, Cursor? after, bool backward, CancellationToken ct)
    {
        var (sorted, column, descending) = Sort(d, request);
        // The order of masked numbers, and the cursor that holds one, would unmask them.
        if (sorted.Masked && !me.May(d.Permission(DocumentRight.Unmask))) throw new Invalid("sort", $"不能按{sorted.Label}排序。");
        if (backward) descending = !descending;
        var plan = await Plan(d, request, sorted, column, ct);
        var order = Sql.Trusted($" order by a.{column} {(descending ? "desc" : "asc")}{engine.Nulls(descending)}, a.id {(descending ? "desc" : "asc")}{engine.Nulls(descending)} ");
        var select = Sql.Trusted("a.id, a.version, a.owner_id, a." + column + string.Concat(fields.Where(f => !IsBefore(f, column)).Select(f => ", a." + f.Column)));
        var where = Sql.Join(" and ", plan.Conditions.Concat(after is null ? [] : [After(column, descending, after, NeverNull(sorted))]));
        if (skip == 0 || plan.Driven) return $"select {select} from {plan.From} where {where}{order}{engine.Page(take, skip)}";
        // Far pages: the ids are counted off inside the index, only the page's rows are read.
        return $"select {select} from (select a.id from {plan.From} where {where}{order}{engine.Page(take, skip)}) p join {Sql.Trusted(d.Table)} a on a.id = p.id{order}";
    }

    /// <summary>Counts up to the cap.</summary>
    public async Task<Sql> Count(DocumentDefinition d, ListRequest request, int cap, CancellationToken ct)
    {
        var plan = await Plan(d, request, null, null, ct);
        return $"select count(*) from (select 1 as one from {plan.From} where {Sql.Join(" and ", plan.Conditions)} {Sql.Trusted(engine.Name == "sqlserver" ? "order by a.id" : "")} {engine.Page(cap + 1)}) c";
    }

    /// <summary>One row: the sums of the fields, as the database keeps them.</summary>
    public async Task<Sql> Sum(DocumentDefinition d, ListRequest request, IReadOnlyList<FieldDefinition> fields, CancellationToken ct)
    {
        var plan = await Plan(d, request, null, null, ct);
        return $"select {Sql.Trusted(string.Join(", ", fields.Select(f => $"sum(a.{f.Column})")))} from {plan.From} where {Sql.Join(" and ", plan.Conditions)}";
    }

    /// <summary>1 where the document meets all conditions, whoever may see it: for rules that go by documents, such as approval flows.</summary>
    public Sql Matches(DocumentDefinition d, IReadOnlyList<Filter> filters, long id) =>
        $"select count(*) from {Sql.Trusted(d.Table)} a where a.id = {id} and {scope.All(d.Type, "a rule asks, not a user")} and {Sql.Join(" and ", filters.Select(f => Condition(d, f)))}";

    private sealed record ListPlan(Sql From, IReadOnlyList<Sql> Conditions, bool Driven);

    /// <summary>Where to begin: at the few rows of a rare name, at the few rows of a narrow scope, or along the sort index.</summary>
    private async Task<ListPlan> Plan(DocumentDefinition d, ListRequest request, FieldDefinition? sorted, string? sortColumn, CancellationToken ct)
    {
        var indexed = sorted?.Indexed != false;
        var rows = scope.Rows(d.Type);
        var table = Sql.Trusted(d.Table);
        var conditions = new List<Sql> { scope.Of(d.Type, "a"), Sql.Trusted(request.Bin ? "a.deleted_at is not null" : "a.deleted_at is null") };
        var (filters, view) = View(d, request);
        foreach (var filter in filters) conditions.Add(Condition(d, filter));
        if (view is not null) conditions.Add(view);
        if (request.TiedTo is { } tied) conditions.Add(Tie(d, request.TiedBy, tied));
        if (request.Ids is { } only) conditions.Add(engine.In(Sql.Trusted("a.id"), only));
        // One owner or one department: the index that begins with it has the order, too.
        var single = scope.IsSingle(d);
        long? size = rows.All || single && string.IsNullOrWhiteSpace(request.Text) || request.TiedTo is not null || request.Ids is not null || view is not null ? null : await sizes.Of(d, rows, scope, ct);
        if (request.Text is { } text && text.Trim().Length > 0)
        {
            var found = await names.Look(d, text, ct);
            conditions.Add(found.Condition);
            if (found.Driver is { } driver && (sortColumn is null || found.Count <= NameSearch.Cap && (size is null or > ScopeSize.Few || found.Count <= size)))
                return new($"{driver} cross join {table} a", [Sql.Trusted("a.id = g.document_id"), .. conditions], true);
        }
        if (!request.Bin && !single && size is <= ScopeSize.Few && scope.RowIds(d) is { } ids)
            return new($"({ids}) s cross join {table} a", [Sql.Trusted("a.id = s.id"), .. conditions], true);
        // A wide scope or none: along the index of the order. SQLite can't know by statistics, so it is told; the servers can.
        var order = sorted?.OrderIndex ?? sortColumn switch { "updated_at" when d.FiguresOf is null => "updated", "created_at" => "created", _ => null };
        // Conditions on the very column of the order are a stretch of its index.
        var walk = engine.Name == "sqlite" && !request.Bin && request.TiedTo is null && order is not null && (rows.All || size > ScopeSize.Few)
                   && filters.All(f => f.Field == sorted?.Name && f.Op is not (FilterOp.Empty or FilterOp.IsNot)) && view is null && request.Ids is null && d.Owned;
        // No index has this order: SQLite would go through some index and fetch each row from elsewhere; as it lies the table is read many times faster.
        if (!indexed && rows.All && request is { Bin: false, TiedTo: null, Ids: null } && filters.Count == 0 && view is null && string.IsNullOrWhiteSpace(request.Text))
            return new($"{table} a {Sql.Trusted(engine.NoIndex)}", conditions, false);
        return new(walk ? (Sql)$"{table} a {Sql.Trusted(engine.ByIndex($"ix_{d.Table.Replace('.', '_')}_{order}"))}" : $"{table} a", conditions, false);
    }

    /// <summary>The request's own filters and those of the view it names, and the view's further condition. A view with one leads to few rows by an index of its own.</summary>
    private (IReadOnlyList<Filter> Filters, Sql? Condition) View(DocumentDefinition d, ListRequest request)
    {
        if (request.View is not { Length: > 0 } name) return (request.Filters, null);
        var view = d.Views.FirstOrDefault(v => v.Name == name) ?? throw new Invalid("view", $"{d.Label}没有名为“{(name.Length > 40 ? name[..40] : name)}”的列表。");
        var where = view.Where?.Invoke("a", new Viewing(me.Id, caches.Organization.Subordinates(me.Id), engine, alias => scope.SharedWith(d, alias)));
        return ([.. view.Filters, .. request.Filters], where is null ? null : (Sql)$"({where})");
    }

    private static bool NeverNull(FieldDefinition f) => f.SortColumn is null && (f.Required || f.System && f.Kind is FieldKind.Instant or FieldKind.Text);

    /// <summary>Rows behind the cursor; null counts as the smallest. Portable and able to use the index of the order.</summary>
    private static Sql After(string column, bool descending, Cursor c, bool neverNull)
    {
        var col = Sql.Trusted("a." + column);
        return (c.Value, descending) switch
        {
            (null, true) => $"({col} is null and a.id < {c.Id})",
            (null, false) => $"({col} is not null or a.id > {c.Id})",
            ({ } v, true) when !neverNull => $"({col} < {v} or {col} is null or ({col} = {v} and a.id < {c.Id}))",
            ({ } v, true) => $"({col} <= {v} and ({col} < {v} or a.id < {c.Id}))",
            ({ } v, false) => $"({col} >= {v} and ({col} > {v} or a.id > {c.Id}))",
        };
    }

    /// <summary>The condition of a related tab, rows aliased <c>a</c>.</summary>
    public Sql Tie(DocumentDefinition d, string? by, long id)
    {
        var tab = catalog.Modules.SelectMany(m => m.Definition.Tabs).FirstOrDefault(t => t.Name == by && t.Type == d.Type) ?? throw new Invalid("tiedBy", "没有这个关联页签。");
        return tab.Tie("a", id);
    }

    private Sql Condition(DocumentDefinition d, Filter filter)
    {
        var f = d.Field(filter.Field);
        if (f.Hidden) throw new Invalid(filter.Field, $"不能按{f.Label}筛选。");
        var zone = Zones.Find(caches.Company.TimeZone);
        var column = Sql.Trusted("a." + f.Column);
        // Probing a masked number digit by digit would unmask it.
        if (f.Masked && filter.Op is not (FilterOp.Is or FilterOp.Empty or FilterOp.NotEmpty) && !me.May(d.Permission(DocumentRight.Unmask)))
            throw new Invalid(f.Name, $"{f.Label}只能按完整号码筛选。");
        if (filter.Values.Count == 0 && filter.Op is not (FilterOp.Empty or FilterOp.NotEmpty)) throw new Invalid(f.Name, $"请填写{f.Label}的筛选值。");
        if (filter.Values.Count > 500) throw new Invalid(f.Name, "筛选的值过多，最多 500 个。");
        object? Value(int i) => i < filter.Values.Count ? FieldCodec.ToDb(f, FieldCodec.Parse(f, filter.Values[i] == "@me" ? me.Id : filter.Values[i], zone)) : null;
        object Each(int i) => Value(i) ?? throw new Invalid(f.Name, $"请填写{f.Label}的筛选值。");
        object Need() => Value(0) ?? throw new Invalid(f.Name, $"请填写{f.Label}的筛选值。");
        switch (filter.Op)
        {
            case FilterOp.Empty: return $"({column} is null)";
            case FilterOp.NotEmpty: return $"({column} is not null)";
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

    private static Sql Before(FieldDefinition f, Sql column, DateOnly day, TimeZoneInfo zone) => f.Kind == FieldKind.Date ? (Sql)$"({column} < {day})" : $"({column} < {Utc(day, zone)})";

    private static Sql NotBefore(FieldDefinition f, Sql column, DateOnly day, TimeZoneInfo zone) => f.Kind == FieldKind.Date ? (Sql)$"({column} >= {day})" : $"({column} >= {Utc(day, zone)})";

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
        if (f.Kind == FieldKind.Date) return $"({column} >= {from} and {column} < {to})";
        var span = Span(from, to, zone);
        return $"({column} >= {span.From} and {column} < {span.To})";
    }
}

/// <summary>The place of a row in an order: its sort value and its id.</summary>
internal sealed record Cursor(object? Value, long Id, bool Backward)
{
    /// <summary>As it travels to the client and back; opaque to it.</summary>
    public string Encode()
    {
        var value = Value switch
        {
            null => "n",
            string s => "s" + s,
            long l => "l" + l.ToString(CultureInfo.InvariantCulture),
            DateTime t => "t" + t.Ticks.ToString(CultureInfo.InvariantCulture),
            DateOnly d => "d" + d.DayNumber.ToString(CultureInfo.InvariantCulture),
            bool b => b ? "b1" : "b0",
            _ => throw new NotSupportedException(Value.GetType().Name),
        };
        return Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new object[] { value, Id, Backward })).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="Invalid">It is none of ours.</exception>
    public static Cursor Decode(string text, FieldDefinition sort)
    {
        var cursor = Decode(text);
        var fits = cursor.Value switch
        {
            null => true,
            string => sort.SortColumn is not null || sort.Kind is FieldKind.Text or FieldKind.Choice or FieldKind.Fixed or FieldKind.Phone or FieldKind.Email or FieldKind.Url,
            long => sort.Kind is FieldKind.Number or FieldKind.Reference or FieldKind.Money or FieldKind.Quantity,
            DateTime => sort.Kind is FieldKind.Instant,
            DateOnly => sort.Kind is FieldKind.Date,
            _ => sort.Kind is FieldKind.Flag,
        };
        return fits ? cursor : throw new Invalid("cursor", "翻页标记与排序不符，请从第一页重新开始。");
    }

    private static Cursor Decode(string text)
    {
        try
        {
            var base64 = text.Replace('-', '+').Replace('_', '/');
            var parts = JsonSerializer.Deserialize<JsonElement[]>(Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '=')))!;
            var v = parts[0].GetString()!;
            object? value = v[0] switch
            {
                'n' => null,
                's' => v[1..],
                'l' => long.Parse(v.AsSpan(1), CultureInfo.InvariantCulture),
                't' => new DateTime(long.Parse(v.AsSpan(1), CultureInfo.InvariantCulture), DateTimeKind.Utc),
                'd' => DateOnly.FromDayNumber(int.Parse(v.AsSpan(1), CultureInfo.InvariantCulture)),
                'b' => v[1] == '1',
                _ => throw new FormatException(),
            };
            return new(value, parts[1].GetInt64(), parts[2].GetBoolean());
        }
        catch (Exception e) when (e is FormatException or NullReferenceException or JsonException or IndexOutOfRangeException or OverflowException or InvalidOperationException or ArgumentException)
        {
            throw new Invalid("cursor", "翻页标记无效，请从第一页重新开始。");
        }
    }
}
