using KuaipuCrm.Platform.CustomFields;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Turns a list request into SQL. Only declared fields get into the text; every value is a parameter; the scope is always there.</summary>
internal sealed class ListSql(Engine engine, FilterSql by, Scope scope, ICurrentUser me, Caches caches, ModuleCatalog catalog, NameSearch names, ScopeSize sizes)
{
    /// <summary>A custom field without an index is read out of each row's JSON: up to so many rows that takes a moment, beyond it would hold everyone up.</summary>
    internal const int UnindexedCap = 100_000;

    /// <summary>The view a request names; null where it names none, or none of the type's.</summary>
    private static ListView? Named(DocumentDefinition d, ListRequest request) => d.Views.FirstOrDefault(v => v.Name == request.View);

    /// <summary>The sort a request asks for.</summary>
    public static (FieldDefinition Field, string Column, bool Descending) Sort(DocumentDefinition d, ListRequest request)
    {
        var asked = request.Sort is { Length: > 0 };
        // A view brings an order of its own.
        var view = asked || Named(d, request) is not { Sort: not null } named ? null : named;
        var f = d.Field(asked ? request.Sort! : view?.Sort ?? d.Order.Field);
        if (f is { Custom: true, Hidden: true }) throw new Invalid("sort", $"字段“{f.Label}”已停用或删除，不能再按它排序。请改用别的排序。");
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

    private static bool IsBefore(FieldDefinition f, string sortColumn) => f.Column == "owner_id" || !f.Custom && f.Column == sortColumn;

    /// <summary>The statement for a page: one row more than asked for tells whether there is another page.</summary>
    /// <param name="backward">Reads against the order, for the previous page.</param>
    /// <param name="scopeOnly">Leaves out what a view shows beyond the user's scope.</param>
    public async Task<Sql> Page(DocumentDefinition d, ListRequest request, IReadOnlyList<FieldDefinition> fields, int take, long skip, Cursor? after, bool backward, CancellationToken ct, bool scopeOnly = false)
    {
        var (sorted, named, descending) = Sort(d, request);
        var column = by.Expression(sorted, named);
        // The order of masked numbers, and the cursor that holds one, would unmask them.
        if (!sorted.VisibleTo(me)) throw new Invalid("sort", $"不能按{sorted.Label}排序。");
        if (sorted.Masked && !me.May(d.Permission(DocumentRight.Unmask))) throw new Invalid("sort", $"不能按{sorted.Label}排序。");
        if (backward) descending = !descending;
        var plan = await Plan(d, request, sorted, named, ct, scopeOnly);
        var order = Sql.Trusted($" order by {column} {(descending ? "desc" : "asc")}, a.id {(descending ? "desc" : "asc")} ");
        var select = Sql.Trusted($"a.id, a.version, a.owner_id, {column}" + string.Concat(fields.Where(f => !IsBefore(f, named)).Select(f => ", " + by.Expression(f, f.Column))));
        var where = Sql.Join(" and ", plan.Conditions.Concat(after is null ? [] : [After(column, descending, after with { Value = FieldCodec.ToDb(sorted, after.Value) }, NeverNull(sorted))]));
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
        return $"select {Sql.Trusted(string.Join(", ", fields.Select(f => $"sum({by.Expression(f, f.Column)})")))} from {plan.From} where {Sql.Join(" and ", plan.Conditions)}";
    }

    /// <summary>1 where the document meets all conditions, whoever may see it: for rules that go by documents, such as approval flows.</summary>
    /// <param name="asked">Whom <c>@me</c> means, where the rule is carried out; null where it is set up and the user's own rights count.</param>
    public Sql Matches(DocumentDefinition d, IReadOnlyList<Filter> filters, long id, long? asked) =>
        $"select count(*) from {Sql.Trusted(d.Table)} a where a.id = {id} and {scope.All(d.Type, "a rule asks, not a user")} and {Sql.Join(" and ", filters.Select(f => by.Condition(d, f, rule: asked)))}";

    private sealed record ListPlan(Sql From, IReadOnlyList<Sql> Conditions, bool Driven);

    /// <summary>Where to begin: at the few rows of a rare name, at the few rows of a narrow scope, or along the sort index.</summary>
    private async Task<ListPlan> Plan(DocumentDefinition d, ListRequest request, FieldDefinition? sorted, string? sortColumn, CancellationToken ct, bool scopeOnly = false)
    {
        request = FilterSql.Flat(request);
        var indexed = sorted?.Indexed != false;
        var opening = Opening(catalog, d, request);
        var rows = opening is null ? scope.Rows(d.Type) : new RowScope(true, [], []);
        var table = Sql.Trusted(d.Table);
        var conditions = new List<Sql> { opening is not null ? scope.Opened(d, opening, "a") : scopeOnly ? scope.Of(d.Type, "a") : Seen(d, request), Sql.Trusted(request.Bin ? "a.deleted_at is not null" : "a.deleted_at is null") };
        var (filters, view, usual) = await View(d, request, ct);
        var made = Named(d, request);
        request = request with { Filters = filters, View = null };
        var common = await Common(d, request, sorted, ct);
        foreach (var filter in filters) conditions.Add(by.Condition(d, filter, unary: common.Contains(filter)));
        if (request.Where is { } where) conditions.Add(by.Group(d, where));
        if (view is not null) conditions.Add(view);
        if (request.TiedTo is { } tied) conditions.Add(Tie(d, request.TiedBy, tied));
        if (request.Ids is { } only) conditions.Add(engine.In(Sql.Trusted("a.id"), only));
        // One owner or one department: the index that begins with it has the order, too.
        var single = opening is null && scope.IsSingle(d);
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
        await Bounded(d, request, sorted, rows, ct);
        // In the order the list was declared with, or counted: the index made for it.
        if (engine.Name == "sqlite" && made is { Index: { } madeFor } && request is { Bin: false, TiedTo: null, Ids: null } && opening is null && (rows.All || size > ScopeSize.Few) && string.IsNullOrWhiteSpace(request.Text)
            && (sorted is null || sorted.Name == made.Sort))
            return new($"{table} a {Sql.Trusted(engine.ByIndex($"ix_{d.Table.Replace('.', '_')}_{madeFor}"))}", conditions, false);
        // A wide scope or none: along the index of the order. SQLite can't know by statistics, so it is told; the servers can.
        var order = sorted?.OrderIndex ?? sortColumn switch { "updated_at" when d.FiguresOf is null => "updated", "created_at" => "created", _ => null };
        // Conditions on the very column of the order are a stretch of its index; those on custom fields that hold for many rows are tested on the way.
        var walk = engine.Name == "sqlite" && request is { Bin: false, TiedTo: null, Ids: null, Where: null } && order is not null && (rows.All || size > ScopeSize.Few)
                   && filters.All(f => f.Field == sorted?.Name && f.Op is not (FilterOp.Empty or FilterOp.IsNot) || common.Contains(f) || usual.Contains(f)) && view is null && d.Owned && opening is null;
        if (engine.Name == "sqlite" && sorted is { Custom: true, IndexName: { } own } && request is { Bin: false, TiedTo: null, Ids: null, Where: null, Filters.Count: 0 } && view is null && string.IsNullOrWhiteSpace(request.Text))
            return new($"{table} a {Sql.Trusted(engine.ByIndex(own))}", conditions, false);
        // No index has this order: SQLite would go through some index and fetch each row from elsewhere; as it lies the table is read many times faster.
        if (!indexed && rows.All && opening is null && request is { Bin: false, TiedTo: null, Ids: null, Where: null, Filters.Count: 0 } && view is null && string.IsNullOrWhiteSpace(request.Text))
            return new($"{table} a {Sql.Trusted(engine.NoIndex)}", conditions, false);
        return new(walk ? (Sql)$"{table} a {Sql.Trusted(engine.ByIndex($"ix_{d.Table.Replace('.', '_')}_{order}"))}" : $"{table} a", conditions, false);
    }

    /// <summary>All fields named in the groups, those of documents referred to left out.</summary>
    private static IEnumerable<Filter> Within(ConditionGroup? group) => group is null ? [] : (group.Filters ?? []).Where(f => f?.Field is not null).Concat((group.Groups ?? []).SelectMany(Within));

    /// <summary>Conditions on custom fields whose index would yield too many rows to sort: the list's order is walked instead. Looked up with a capped count, as SQLite can't know.</summary>
    private async Task<HashSet<Filter>> Common(DocumentDefinition d, ListRequest request, FieldDefinition? sorted, CancellationToken ct)
    {
        HashSet<Filter> common = [];
        if (engine.Name != "sqlite" || sorted is null) return common;
        foreach (var filter in request.Filters)
        {
            if (d.Find(filter.Field) is not { Custom: true, Indexed: true } f || !ByItsIndex(f, filter)) continue;
            // The value stands in the index before the list's usual order: no need to look.
            if (CustomField.IsEquality(f.Kind) && filter.Op == FilterOp.Is && filter.Values.Count == 1 && sorted.Name == "updatedAt") continue;
            var n = await new Db(engine).First<long>($"select count(*) from (select 1 as one from {Sql.Trusted(d.Table)} a where a.deleted_at is null and {by.Condition(d, filter)} and {scope.All(d.Type, "a hint for the plan, never shown")} {engine.Page(NameSearch.Cap + 1)}) c", ct);
            if (n > NameSearch.Cap) common.Add(filter);
        }
        return common;
    }

    /// <summary>The condition goes by the field's own index.</summary>
    private static bool ByItsIndex(FieldDefinition f, Filter filter) => f.Indexed && filter.Op is FilterOp.Is or FilterOp.In or FilterOp.From or FilterOp.To or FilterOp.Within or FilterOp.StartsWith or FilterOp.NotEmpty;

    /// <summary>Refuses what would read the JSON of very many rows.</summary>
    private async Task Bounded(DocumentDefinition d, ListRequest request, FieldDefinition? sorted, RowScope rows, CancellationToken ct)
    {
        if (request.TiedTo is not null || request.Ids is not null) return;
        var slow = sorted is { Custom: true, Indexed: false } ? sorted : request.Filters.Select(f => (Field: d.Find(f.Field), Filter: f)).Where(x => x.Field is { Custom: true } c && !ByItsIndex(c, x.Filter)).Select(x => x.Field)
            .Concat(Within(request.Where).Select(f => d.Find(f.Field))).FirstOrDefault(f => f is { Custom: true });
        if (slow is null || await sizes.UpTo(d, rows, scope, UnindexedCap + 1, ct) <= UnindexedCap) return;
        throw new Invalid(slow.Name, slow.Indexed
            ? $"{d.Label}超过 {UnindexedCap:N0} 条，不能按{slow.Label}这样筛选。请改用“等于”“开头是”或范围，或加上其他条件缩小范围。"
            : $"{slow.Label}没有建立索引，{d.Label}超过 {UnindexedCap:N0} 条时不能按它筛选或排序。请管理员在“自定义字段”中为它建立索引。");
    }

    private static bool NeverNull(FieldDefinition f) => f is { SortColumn: null, Custom: false } && (f.Required || f.System && f.Kind is FieldKind.Instant or FieldKind.Text);

    /// <summary>The opening whose rows the request asks for by its view; null where it asks for those in scope.</summary>
    public static RowOpening? Opening(ModuleCatalog catalog, DocumentDefinition d, ListRequest request) =>
        Named(d, request)?.Opening is { } name ? catalog.OpeningsOn(d.Type).First(o => o.Name == name) : null;

    /// <summary>The user's rows, with those opened to the user where the view shows them, too.</summary>
    private Sql Seen(DocumentDefinition d, ListRequest request) =>
        Named(d, request)?.WithOpened == true && scope.Opened(d, "a") is { } opened ? (Sql)$"({scope.Of(d.Type, "a")} or {opened})" : scope.Of(d.Type, "a");

    /// <summary>The request's own filters and those of the view it names, the view's further condition, and the filters that hold for a good part of all rows. A view with a further condition leads to few rows by an index of its own.</summary>
    private async Task<(IReadOnlyList<Filter> Filters, Sql? Condition, IReadOnlyList<Filter> Usual)> View(DocumentDefinition d, ListRequest request, CancellationToken ct)
    {
        if (request.View is not { Length: > 0 } name) return (request.Filters, null, []);
        var view = Named(d, request) ?? throw new Invalid("view", $"{d.Label}没有名为“{(name.Length > 40 ? name[..40] : name)}”的列表。");
        var where = view.Where?.Invoke("a", new Viewing(me.Id, caches.Organization.Subordinates(me.Id), engine, alias => scope.SharedWith(d, alias), scope));
        IReadOnlyList<Filter> own = await Ago(d, request, ct) is { } ago ? [.. view.Filters.Select(f => IsAgo(f) ? f with { Values = [ago] } : f)] : view.Filters;
        return ([.. own, .. request.Filters], where is null ? null : (Sql)$"({where})", view.Usual ? own : []);
    }

    /// <summary>The days of the named view where a setting has them, as its condition says it; else null.</summary>
    public async Task<string?> Ago(DocumentDefinition d, ListRequest request, CancellationToken ct) =>
        Named(d, request)?.Days is { } days && await new Db(engine).First<long?>(days, ct) is { } n ? $"{AtLeast}{n}" : null;

    private const string AtLeast = "atLeast:";

    private static bool IsAgo(Filter f) => f.Op == FilterOp.Within && f.Values is [var v] && v.StartsWith(AtLeast, StringComparison.Ordinal);

    /// <summary>Rows behind the cursor; null counts as the smallest. Portable and able to use the index of the order.</summary>
    private static Sql After(string column, bool descending, Cursor c, bool neverNull)
    {
        var col = Sql.Trusted(column);
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
}
