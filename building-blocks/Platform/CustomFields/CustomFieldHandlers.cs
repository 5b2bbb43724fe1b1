using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.CustomFields;

/// <summary>Keeps the custom fields and checks what is set up (SET-15).</summary>
internal sealed partial class CustomFieldHandlers(Db db, ModuleCatalog catalog, DocumentTypes types, Caches caches, IChanged changed, IScope scope, IIds ids, CustomFieldKeeper keeper, TimeProvider clock)
    : IQueryHandler<ListCustomFields, IReadOnlyList<CustomFieldInfo>>, IQueryHandler<CountCustomField, ListCount>, IQueryHandler<ListFieldQueries, IReadOnlyList<FieldQuery>>, ICommandHandler<SaveCustomField, long>, ICommandHandler<OrderCustomFields, Done>,
      ICommandHandler<SwitchCustomField, Done>, ICommandHandler<DeleteCustomField, Done>, ICommandHandler<RestoreCustomField, Done>
{
    /// <summary>Fields of a type, those in the trash not counted.</summary>
    private const int Most = 100;

    private const int CountCap = 10_000;

    public async Task<IReadOnlyList<CustomFieldInfo>> Handle(ListCustomFields query, CancellationToken ct)
    {
        var type = query.DocumentType is { Length: > 0 } one ? catalog.Document(one).Type : null;
        var indexes = await keeper.Indexes(db, ct);
        return [.. (await CustomFieldKeeper.All(db, ct)).Where(f => (type is null || f.Type == type) && Enum.TryParse<FieldKind>(f.Kind, out _)).OrderBy(f => f.DeletedAt is not null).Select(f => new CustomFieldInfo(f.Id, f.Type, f.Name, f.Label, f.English,
            f.FieldKind, f.Dictionary, f.RefersTo, f.Section, f.Help, f.Start, f.Required, f.Listed, f.Indexed, !f.Indexed || !f.Active || f.Indexes().All(i => indexes.Contains(i.Name)), f.Disabled, f.DeletedAt is not null, (int)f.Version))];
    }

    public async Task<long> Handle(SaveCustomField command, CancellationToken ct)
    {
        var d = catalog.Document(command.DocumentType);
        var known = (await CustomFieldKeeper.All(db, ct)).Where(f => f.Type == d.Type).ToList();
        var former = command.Id is { } id ? known.FirstOrDefault(f => f.Id == id && f.DeletedAt is null) ?? throw new NotFound("自定义字段") : null;
        var field = Checked(d, command, known, former);
        if (former is null)
        {
            await db.Insert("platform.custom_field", ["id", "type", "name", "label", "english", "kind", "dictionary", "refers_to", "section", "help", "start", "required", "listed", "indexed", "disabled", "position", "version", "deleted_at"],
                [[field.Id, field.Type, field.Name, field.Label, field.English, field.Kind, field.Dictionary, field.RefersTo, field.Section, field.Help, field.Start, field.Required, field.Listed, field.Indexed, false, field.Position, 1L, null]], ct);
        }
        else if (await db.Execute($"""
            update platform.custom_field set label = {field.Label}, english = {field.English}, section = {field.Section}, help = {field.Help}, start = {field.Start}, required = {field.Required},
                listed = {field.Listed}, indexed = {field.Indexed}, version = version + 1
            where id = {field.Id} and version = {command.Version} and deleted_at is null
            """, ct) == 0)
        {
            throw new RuleBroken($"字段“{former.Label}”刚被他人修改或删除，请刷新后再保存。");
        }
        changed.Mark(Cached.CustomFields);
        return field.Id;
    }

    public async Task<Done> Handle(OrderCustomFields command, CancellationToken ct)
    {
        var d = catalog.Document(command.DocumentType);
        for (var i = 0; i < (command.Ids ?? []).Count; i++)
            await db.Execute($"update platform.custom_field set position = {i + 1L} where id = {command.Ids![i]} and type = {d.Type}", ct);
        changed.Mark(Cached.CustomFields);
        return default;
    }

    public async Task<Done> Handle(SwitchCustomField command, CancellationToken ct)
    {
        if (command.Disabled) await Unused(command.Id, ct);
        return await Set(db.Execute($"update platform.custom_field set disabled = {command.Disabled}, version = version + 1 where id = {command.Id} and deleted_at is null", ct));
    }

    public async Task<Done> Handle(DeleteCustomField command, CancellationToken ct)
    {
        await Unused(command.Id, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        return await Set(db.Execute($"update platform.custom_field set deleted_at = {now}, version = version + 1 where id = {command.Id} and deleted_at is null", ct));
    }

    public async Task<Done> Handle(RestoreCustomField command, CancellationToken ct)
    {
        var all = await CustomFieldKeeper.All(db, ct);
        var field = all.FirstOrDefault(f => f.Id == command.Id && f.DeletedAt is not null) ?? throw new NotFound("自定义字段");
        Free(catalog.Document(field.Type), field.Label, all.Where(f => f.Type == field.Type && f.Id != field.Id));
        return await Set(db.Execute($"update platform.custom_field set deleted_at = null, version = version + 1 where id = {command.Id} and deleted_at is not null", ct));
    }

    public async Task<ListCount> Handle(CountCustomField query, CancellationToken ct)
    {
        var field = (await CustomFieldKeeper.All(db, ct)).FirstOrDefault(f => f.Id == query.Id) ?? throw new NotFound("自定义字段");
        var d = catalog.Document(field.Type);
        var value = Sql.Trusted(db.Engine.Custom("a.extra", field.Name, CustomField.IsWhole(field.FieldKind)));
        var count = await db.First<long>($"""
            select count(*) from (select 1 as one from {Sql.Trusted(d.Table)} a where {value} is not null and {scope.All(d.Type, "a number, no rows: what an administrator would hide")}
            {Sql.Trusted(db.Engine.Name == "sqlserver" ? "order by a.id" : "")} {db.Dialect.Page(CountCap + 1)}) c
            """, ct);
        return new(Math.Min(count, CountCap), count > CountCap);
    }

    public async Task<IReadOnlyList<FieldQuery>> Handle(ListFieldQueries query, CancellationToken ct)
    {
        var field = (await CustomFieldKeeper.All(db, ct)).FirstOrDefault(f => f.Id == query.Id) ?? throw new NotFound("自定义字段");
        var rows = await db.Query<QueryRow>($"select q.type, q.name, q.user_id, q.shared, q.request from platform.saved_query q where {db.Dialect.Contains(Sql.Trusted("q.request"), field.Name)} order by q.type, q.name, q.id", ct);
        return [.. rows.Where(q => catalog.FindDocument(q.Type) is { } d && JsonSerializer.Deserialize<ListRequest>(q.Request) is { } request && GoesBy(d, request, field)).Select(q => new FieldQuery(q.Type, q.Name, caches.Organization.Person(q.UserId)?.Name ?? $"#{q.UserId}", q.Shared))];
    }

    private static bool GoesBy(DocumentDefinition d, ListRequest request, CustomField field)
    {
        return d.Type == field.Type && request.Sort == field.Name || (request.Filters ?? []).Any(Names) || request.Where is { } where && In(where);

        bool In(ConditionGroup group) => (group.Filters ?? []).Any(Names) || (group.Groups ?? []).Any(In);

        // Its own field, or that of a document referred to: employer.x_rating.
        bool Names(Filter filter) => filter.Field?.Split('.', 2) is [var by, var of] ? of == field.Name && d.Find(by)?.RefersTo == field.Type : d.Type == field.Type && filter.Field == field.Name;
    }

    /// <summary>What rules go by is not taken from under them: flows by its value, reminders by its day or person.</summary>
    private async Task Unused(long id, CancellationToken ct)
    {
        var field = (await CustomFieldKeeper.All(db, ct)).FirstOrDefault(f => f.Id == id) ?? throw new NotFound("自定义字段");
        var flows = (await db.Query<FlowRow>($"select f.name, v.definition from platform.flow f join platform.flow_version v on v.flow_id = f.id and v.version = f.version where f.type = {field.Type} and f.enabled = {true} and f.deleted_at is null order by f.position, f.id", ct))
            .Where(f => JsonSerializer.Deserialize<FlowDefinition>(f.Definition, Journal.Json) is { } flow && flow.Steps.SelectMany(s => s.Conditions ?? []).Concat(flow.Conditions ?? []).Any(c => c.Field == field.Name)).Select(f => f.Name).ToList();
        if (flows.Count > 0) throw new RuleBroken($"审核流程“{string.Join("”“", flows)}”的条件用到“{field.Label}”，请先修改或停用流程。");
        var type = types.Id(field.Type);
        var wishes = await db.Query<string>($"select r.wish from platform.reminder_rule r where r.type_id = {type} and r.document_id is null and r.gone = {false} and r.enabled = {true}", ct);
        if (wishes.Select(w => JsonSerializer.Deserialize<ReminderWish>(w)!).Any(w => w.Field == field.Name || w.WhomField == field.Name)) throw new RuleBroken($"提醒规则用到“{field.Label}”，请先修改或停用规则。");
    }

    private sealed record QueryRow(string Type, string Name, long UserId, bool Shared, string Request);

    private sealed record FlowRow(string Name, string Definition);

    private async Task<Done> Set(Task<int> update)
    {
        if (await update == 0) throw new NotFound("自定义字段");
        changed.Mark(Cached.CustomFields);
        return default;
    }

    private CustomField Checked(DocumentDefinition d, SaveCustomField c, List<CustomField> known, CustomField? former)
    {
        if (d.FiguresOf is not null) throw new RuleBroken($"{d.Label}由系统计算，不能添加字段。");
        var label = TextNorm.Clean(c.Label);
        if (label.Length == 0) throw new Invalid("label", "请填写名称。");
        if (!CustomField.Kinds.Contains(c.Kind)) throw new Invalid("kind", "不支持这种字段类型。");
        Free(d, label, known.Where(f => f.Id != c.Id));
        if (former is null && known.Count(f => f.DeletedAt is null) >= Most) throw new RuleBroken($"{d.Label}的自定义字段最多 {Most} 个。");
        if (former is not null && former.FieldKind != c.Kind)
            throw new Invalid("kind", $"“{former.Label}”的类型不能更改：已填写的内容是按原来的类型保存的。请新建一个字段，用导出和导入把内容转过去。");
        var (dictionary, refersTo) = (c.Kind == FieldKind.Choice ? c.Dictionary : null, c.Kind == FieldKind.Reference ? c.RefersTo : null);
        if (c.Kind == FieldKind.Choice && (dictionary is null || caches.Dictionaries.Find(dictionary) is null)) throw new Invalid("dictionary", "请选择字典。");
        if (c.Kind == FieldKind.Reference && (refersTo is null || catalog.FindDocument(refersTo) is null)) throw new Invalid("refersTo", "请选择引用哪一种单据。");
        if (former is not null && (former.Dictionary != dictionary || former.RefersTo != refersTo))
            throw new Invalid(former.Dictionary != dictionary ? "dictionary" : "refersTo", $"“{former.Label}”的{(former.Dictionary != dictionary ? "字典" : "引用的单据")}不能更改：已填写的内容会失去意义。请新建一个字段。");
        if (c.Indexed && c.Kind == FieldKind.LongText) throw new Invalid("indexed", "多行文字不能建立索引。");
        var section = TextNorm.Clean(c.Section ?? "") is { Length: > 0 } s ? s : CustomField.DefaultSection;
        if (section == "系统信息") throw new Invalid("section", "“系统信息”由系统使用，请用别的分组名。");
        var field = new CustomField(former?.Id ?? ids.Next(), d.Type, former?.Name ?? NewName(d, c.Name, label, known), label, Blank(c.English), c.Kind.ToString(), dictionary, refersTo, section, Blank(c.Help), Blank(c.Start),
            c.Required && c.Kind != FieldKind.Flag, c.Listed, c.Indexed, former?.Disabled ?? false, former?.Position ?? known.Count + 1, former?.Version ?? 1, null);
        try
        {
            // A default that is none of the kind is told here and not to whoever makes the next document.
            if (field.Start is { } start && start.StartsWith('@') && !(start == "@me" && refersTo == "user" || start == "@today" && c.Kind == FieldKind.Date)) throw new Invalid("start", "@me 只能用于用户，@today 只能用于日期。");
            if (field.Definition(false, () => default).Default is { } value && field.Start is not ("@me" or "@today") && c.Kind == FieldKind.Choice && caches.Dictionaries.Entry(dictionary!, (string)value(null!)!) is null) throw new Invalid("start", "默认值不在字典中。");
        }
        catch (Invalid e)
        {
            throw new Invalid("start", $"默认值：{e.Message}");
        }
        return field;
    }

    /// <summary>Two fields of one name could not be told apart in lists and imports.</summary>
    private static void Free(DocumentDefinition d, string label, IEnumerable<CustomField> others)
    {
        if (d.Declared.Any(f => !f.Hidden && f.Headings.Contains(label)) || others.Any(f => f.DeletedAt is null && f.Label == label)) throw new Invalid("label", $"{d.Label}已有名为“{label}”的字段。");
    }

    private static string NewName(DocumentDefinition d, string? wanted, string label, List<CustomField> known)
    {
        var taken = known.Select(f => f.Name).Concat(d.Declared.Select(f => f.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!string.IsNullOrWhiteSpace(wanted))
        {
            var name = wanted.Trim();
            if (!name.StartsWith(CustomField.Prefix, StringComparison.Ordinal)) name = CustomField.Prefix + name;
            if (!Name().IsMatch(name)) throw new Invalid("name", "代码以小写字母开头，只含小写字母、数字和下划线，最多 30 个。");
            return taken.Contains(name) ? throw new Invalid("name", $"代码“{name}”已被使用（可能在回收站中），请换一个。") : name;
        }
        var initials = new string([.. Pinyin.Initials(label).Where(char.IsAsciiLetterOrDigit).Take(16)]);
        var start = CustomField.Prefix + (initials.Length > 0 && char.IsAsciiLetter(initials[0]) ? initials : "f" + initials);
        if (!taken.Contains(start)) return start;
        for (var i = 2; ; i++)
            if (start + "_" + i.ToString(CultureInfo.InvariantCulture) is var numbered && !taken.Contains(numbered)) return numbered;
    }

    private static string? Blank(string? text) => TextNorm.Clean(text ?? "") is { Length: > 0 } t ? t : null;

    [GeneratedRegex("^x_[a-z][a-z0-9_]{0,27}$")]
    private static partial Regex Name();
}
