using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>The one gate between users and rows. Without a known user there is no row.</summary>
public sealed class Scope(ICurrentUser me, RightsCache rights, ModuleCatalog catalog, Engine engine, DocumentTypes types, AccessMemory access, Caches caches, TimeProvider clock) : IScope
{
    public Sql Of(string documentType, string alias) => Of(documentType, alias, RowRight.See);

    public Sql ToChange(string documentType, string alias) => Of(documentType, alias, RowRight.Change);

    public Sql ToDispose(string documentType, string alias) => Of(documentType, alias, RowRight.Dispose);

    /// <summary>The rows open to the user that far.</summary>
    internal Sql Of(string documentType, string alias, RowRight right) => Sql.Join("", [Guard(documentType), Condition(catalog.Document(documentType), alias, right)]);

    /// <summary>Whether a row is the user's through its owner or department: no need to look for other ways.</summary>
    internal bool Covers(DocumentDefinition definition, long? owner, long? department)
    {
        var rows = Rows(definition.Type);
        return rows.All || owner is { } o && rows.Owners.Contains(o) || department is { } d && rows.Departments.Contains(d);
    }

    public Sql All(string documentType, string reason) => Sql.Join("", [Guard(documentType), Sql.Trusted("1 = 1")]);

    /// <summary>What the user sees of a type.</summary>
    public RowScope Rows(string documentType) =>
        me is Security.Caller { IsSystem: true } ? new(true, [], [])
        : rights.Of(me.Id) is not { } r ? new(false, [], [])
        : catalog.Document(documentType) is { Owned: true } d ? r.Scope(d.FiguresOf ?? d.Type)
        : new(true, [], []);

    /// <summary>The rows of an opening which the user sees.</summary>
    /// <exception cref="NotAllowed">The user lacks its permission.</exception>
    internal Sql Opened(DocumentDefinition definition, RowOpening opening, string alias)
    {
        if (!me.May(opening.Permission)) throw new NotAllowed(catalog.Permissions.GetValueOrDefault(opening.Permission, opening.Permission));
        return Rows(definition.Type).All ? (Sql)$"{Guard(definition.Type)}{opening.Rows(alias)}" : $"{Guard(definition.Type)}{opening.Rows(alias)} and {opening.Seen(alias, Seer())}";
    }

    private Seer Seer()
    {
        var above = new List<long>();
        for (var at = me.DepartmentId; at is { } id && !above.Contains(id); at = caches.Organization.Department(id)?.ParentId) above.Add(id);
        return new(me.Id, above, engine);
    }

    /// <summary>All that is opened to the user beyond the scope; null where nothing is.</summary>
    internal Sql? Opened(DocumentDefinition definition, string alias)
    {
        var mine = catalog.OpeningsOn(definition.Type).Where(o => me.May(o.Permission)).ToList();
        return mine.Count == 0 ? null : (Sql)$"({Sql.Join(" or ", mine.Select(o => (Sql)$"({Opened(definition, o, alias)})"))})";
    }

    /// <summary>One owner or one department is all there is: no other way to a row.</summary>
    internal bool IsSingle(DocumentDefinition definition)
    {
        var rows = Rows(definition.Type);
        return !rows.All && rows.Owners.Count + rows.Departments.Count == 1 && !access.Any(types.Id(definition.FiguresOf ?? definition.Type));
    }

    /// <summary>The ids of the user's rows as a statement of its own, each way by its own index; null where the user has all or none.</summary>
    internal Sql? RowIds(DocumentDefinition definition)
    {
        var rows = Rows(definition.Type);
        if (rows.All || me.Id == 0) return null;
        var ways = Ways(definition, rows, "t", RowRight.See);
        if (ways.Count == 0) return null;
        var table = Sql.Trusted(definition.Table);
        return Sql.Join(" union ", ways.Select(way => (Sql)$"select t.id from {table} t where {Guard(definition.Type)}t.deleted_at is null and {way}"));
    }

    private Sql Condition(DocumentDefinition definition, string alias, RowRight right)
    {
        var rows = Rows(definition.Type);
        if (definition.CutBy is { } cut && me.EntriesOf(cut.Dictionary!) is { } entries)
        {
            var column = Sql.Trusted($"{alias}.{cut.Column}");
            Sql own = $"({column} is null or {engine.In(column, [.. entries])})";
            return rows.All ? own : $"{own} and {Ownership(definition, rows, alias, right)}";
        }
        return Ownership(definition, rows, alias, right);
    }

    private Sql Ownership(DocumentDefinition definition, RowScope rows, string alias, RowRight right)
    {
        if (rows.All) return Sql.Trusted("1 = 1");
        var ways = Ways(definition, rows, alias, right);
        return ways.Count == 0 ? Sql.Trusted("1 = 0") : $"({Sql.Join(" or ", ways)})";
    }

    /// <summary>The rows that were themselves shared with the user, for the list of them.</summary>
    internal Sql SharedWith(DocumentDefinition definition, string alias)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return $"""
            {Sql.Trusted(alias)}.id in (select x.document_id from platform.access x where x.type_id = {types.Id(definition.Type)} and {Named()}
            and x.cause in ({AccessCause.Share}, {AccessCause.Edit}) and (x.until is null or x.until > {now}))
            """;
    }

    private List<Sql> Ways(DocumentDefinition definition, RowScope rows, string alias, RowRight right)
    {
        var a = Sql.Trusted(alias);
        List<Sql> ways = [];
        if (rows.Owners is [var only]) ways.Add($"{a}.owner_id = {only}");
        else if (rows.Owners.Count > 1) ways.Add(engine.In($"{a}.owner_id", rows.Owners));
        if (rows.Departments is [var one]) ways.Add($"{a}.department_id = {one}");
        else if (rows.Departments.Count > 1) ways.Add(engine.In($"{a}.department_id", rows.Departments));
        if (ways.Count == 0 && me.Id == 0) return ways;
        var type = types.Id(definition.FiguresOf ?? definition.Type);
        if (!access.Any(type)) return ways;
        // Ties open a row to whoever sees the owner of the other end; shares open it to those named, for reading or for changing.
        var now = clock.GetUtcNow().UtcDateTime;
        Sql Opened(Sql to) => $"{a}.id in (select x.document_id from platform.access x where x.type_id = {type} and {to} and (x.until is null or x.until > {now}))";
        Sql Tied(Sql to) => Opened($"x.cause in ({AccessCause.Tie}, {AccessCause.Owner}) and {to}");
        Sql shares = right switch
        {
            RowRight.See => (Sql)$"x.cause in ({AccessCause.Share}, {AccessCause.Shared}, {AccessCause.Edit})",
            RowRight.Change => $"x.cause = {AccessCause.Edit}",
            _ => Sql.Trusted("1 = 0"),
        };
        ways.Add(right == RowRight.See ? Opened($"x.user_id = {me.Id}") : Opened($"x.user_id = {me.Id} and (x.cause in ({AccessCause.Tie}, {AccessCause.Owner}) or {shares})"));
        if (rows.Owners.Count > 1) ways.Add(Tied(engine.In(Sql.Trusted("x.user_id"), rows.Owners)));
        if (rows.Departments.Count > 0) ways.Add(Tied(engine.In(Sql.Trusted("x.department_id"), rows.Departments)));
        if (right != RowRight.Dispose && Above() is { Count: > 0 } departments) ways.Add(Opened($"{shares} and {engine.In(Sql.Trusted("x.department_id"), departments)}"));
        return ways;
    }

    /// <summary>The access row names the user, or a department the user stands in.</summary>
    private Sql Named() => Above() is { Count: > 0 } departments ? (Sql)$"(x.user_id = {me.Id} or {engine.In(Sql.Trusted("x.department_id"), departments)})" : $"x.user_id = {me.Id}";

    /// <summary>The user's department and those above it: what is shared with a department is shared with those below.</summary>
    private List<long> Above() => Above(caches.Organization, me.DepartmentId);

    internal static List<long> Above(OrganizationSnapshot organization, long? department)
    {
        var above = new List<long>();
        for (; department is { } id && !above.Contains(id) && organization.Department(id) is { } d; department = d.ParentId) above.Add(id);
        return above;
    }

    private static Sql Guard(string type) => Sql.Trusted($"{Sql.Guard}{type}{Sql.Guard}");
}
