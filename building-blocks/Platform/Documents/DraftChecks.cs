using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Documents;

/// <summary>The checks that follow from the declaration alone: kinds, lengths, required, choices, references, who may set the owner.</summary>
internal sealed class DraftChecks(Db db, ICurrentUser me, Scope scope, Caches caches, ModuleCatalog catalog, DocumentDirectory directory)
{
    /// <summary>Sets a draft's values on the record, each parsed and normalized; problems go to the change.</summary>
    public void Apply(DocumentDefinition d, Change change, IReadOnlyDictionary<string, object?> values, DraftKind kind)
    {
        var zone = Zones.Find(caches.Company.TimeZone);
        foreach (var (name, raw) in values)
        {
            if (d.Find(name) is not { } f)
            {
                change.Refuse("", name.StartsWith(CustomFields.CustomField.Prefix, StringComparison.Ordinal)
                    ? $"自定义字段“{(name.Length > 40 ? name[..40] : name)}”不存在，可能刚刚被删除。请刷新后再保存，其他内容不会丢失。"
                    : $"{d.Label}没有名为“{(name.Length > 40 ? name[..40] : name)}”的字段。");
                continue;
            }
            object? value;
            try
            {
                value = FieldCodec.Parse(f, raw, zone);
            }
            catch (Invalid e)
            {
                change.Errors.AddRange(e.Errors);
                continue;
            }
            if (value is string text) value = f.Normalize is { } normalize ? normalize(text) is { Length: > 0 } n ? n : null : text;
            var old = change.Former is { } former ? f.Get(former) : null;
            // What was shown masked and comes back masked was not touched.
            if (f.Masked && value is string masked && old is string full && masked.Contains('*') && masked == Mask(f, full)) continue;
            if (Equals(value, old) && change.Kind == ChangeKind.Update) continue;
            if (!MaySet(d, f, change, kind)) continue;
            f.Set(change.Record, value);
        }
    }

    private bool MaySet(DocumentDefinition d, FieldDefinition f, Change change, DraftKind kind)
    {
        if (kind.Undo) return true;
        if (!f.VisibleTo(me))
            change.Refuse(f.Name, $"您没有查看和填写{f.Label}的权限。");
        else if (f is { Custom: true, Hidden: true })
            change.Refuse("", $"自定义字段“{f.Label}”刚刚被停用或删除。请刷新后再保存，其他内容不会丢失。");
        else if ((f.ReadOnly || f.Hidden) && !(kind.System && (f.ImportedByAdministrators || f.Name == "number" && change.Kind == ChangeKind.Create)))
            change.Refuse(f.Name, $"{f.Label}由系统维护，不能直接填写。");
        else if (f.Fixed && change.Kind == ChangeKind.Update)
            change.Refuse(f.Name, $"{f.Label}在新建之后不能更改。");
        else if (kind.Batch && !f.Batch && f.Name != "ownerId")
            change.Refuse(f.Name, $"{f.Label}不能批量修改。");
        else
            return true;
        return false;
    }

    /// <summary>Checks every record as it shall stand.</summary>
    public async Task Check(DocumentDefinition d, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        foreach (var change in changes) Fields(d, change);
        await References(d, changes, ct);
        if (d.Owned) foreach (var change in changes) Owner(d, change);
    }

    private void Fields(DocumentDefinition d, Change change)
    {
        IReadOnlyDictionary<string, object?>? all = null;
        foreach (var f in d.Fields)
        {
            if (f.System && f.Name != "number") continue;
            var value = f.Get(change.Record);
            if (value is null or "")
            {
                if (!f.Required || change.Errors.Any(e => e.Field == f.Name)) continue;
                // Asked for later than the row was made: who fills in a new one is asked, old rows are not held back.
                if (f.Custom && (!change.Drafted || change.Former is { } without && f.Get(without) is null)) continue;
                if (f.VisibleWhen is { } visible && !visible(all ??= d.Fields.ToDictionary(x => x.Name, x => x.Get(change.Record)))) continue;
                change.Refuse(f.Name, $"请填写{f.Label}。");
                continue;
            }
            if (change.Former is { } former && Equals(value, f.Get(former))) continue;
            if (value is string s && s.Length > f.MaxLength) change.Refuse(f.Name, $"{f.Label}最多 {f.MaxLength} 个字，现在有 {s.Length} 个。");
            else if (value is string text && f.Check?.Invoke(text) is { } wrong) change.Refuse(f.Name, wrong);
            else if (Number(value) is { } n && (n < f.Min || n > f.Max))
                change.Refuse(f.Name, f.Min is { } min && f.Max is { } max ? $"{f.Label}必须在 {min:0.####} 到 {max:0.####} 之间。" : f.Min is { } least && n < least ? $"{f.Label}不能小于 {least:0.####}。" : $"{f.Label}不能大于 {f.Max:0.####}。");
            else if (f.Kind == FieldKind.Choice) Choice(f, (string)value, change);
        }
    }

    private void Choice(FieldDefinition f, string code, Change change)
    {
        if (caches.Dictionaries.Entry(f.Dictionary!, code) is not { } entry) change.Refuse(f.Name, $"{f.Label}“{(code.Length > 30 ? code[..30] : code)}”不在字典中。");
        else if (entry.Disabled && !change.Undone) change.Refuse(f.Name, $"{f.Label}“{entry.Label}”已停用，请另选一项。");
        else if (me.EntriesOf(f.Dictionary!) is { } allowed && !allowed.Contains(code)) change.Refuse(f.Name, $"您没有选用{f.Label}“{entry.Label}”的权限。");
    }

    private async Task References(DocumentDefinition d, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        foreach (var group in d.Fields.Where(f => f.Kind == FieldKind.Reference && f.Name is not ("departmentId" or "createdBy" or "updatedBy")).GroupBy(f => f.RefersTo!))
        {
            var asked = (from f in @group from c in changes let id = f.Get(c.Record) as long? where id is not null && !(c.Former is { } o && Equals(f.Get(o), id)) select (Field: f, Change: c, Id: id!.Value)).ToList();
            if (asked.Count == 0) continue;
            var there = await Visible(group.Key, [.. asked.Select(a => a.Id).Distinct()], ct);
            foreach (var (f, c, id) in asked)
                if (!there.Contains(id) && !(c.Undone && f.RefersTo == "user" && caches.Organization.Person(id) is not null)) c.Refuse(f.Name, f.RefersTo == "user" ? $"{f.Label}不存在或已停用。" : $"{f.Label}不存在，或您无权选择。");
                else if (id == c.Record.Id) c.Refuse(f.Name, $"{f.Label}不能是自己。");
        }
        foreach (var f in d.Fields.Where(f => f is { Among: not null, Hidden: false })) await Among(d, f, changes, ct);
    }

    /// <summary>A contact must be one of the customer's: what the tab of the other document lists.</summary>
    private async Task Among(DocumentDefinition d, FieldDefinition f, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        var (other, tab) = (d.Field(f.Among!.Value.Field), f.Among.Value.Tab);
        if (catalog.FindDocument(f.RefersTo!) is not { } target || catalog.TabsOn(other.RefersTo!).FirstOrDefault(t => t.Name == tab && t.Type == target.Type) is not { } tie) return;
        var asked = (from c in changes
                     let id = f.Get(c.Record) as long?
                     let to = other.Get(c.Record) as long?
                     where id is not null && c.Errors.Count == 0 && !(c.Former is { } o && Equals(f.Get(o), id) && Equals(other.Get(o), to))
                     select (Change: c, Id: id!.Value, To: to)).ToList();
        foreach (var group in asked.GroupBy(a => a.To))
        {
            var there = group.Key is not { } to ? [] : (await db.Query<long>($"select t.id from {Sql.Trusted(target.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), [.. group.Select(a => a.Id).Distinct()])} and {tie.Tie("t", to)} and {scope.All(target.Type, "that it may be seen was asked before")}", ct)).ToHashSet();
            foreach (var (c, id, _) in group)
                if (!there.Contains(id)) c.Refuse(f.Name, $"{f.Label}不属于所选的{other.Label}。");
        }
    }

    private async Task<HashSet<long>> Visible(string type, long[] ids, CancellationToken ct)
    {
        if (type == "user") return [.. ids.Where(id => caches.Organization.Person(id) is { Enabled: true })];
        if (type == "department") return [.. ids.Where(id => caches.Organization.Department(id) is not null)];
        if (type == FieldDefinition.AnyType)
        {
            HashSet<long> seen = [];
            foreach (var group in (await directory.Find(ids, ct)).GroupBy(e => e.Type))
                if (catalog.FindDocument(group.Key) is { } any && me.May(any.Permission(DocumentRight.Read))) seen.UnionWith(await Visible(any.Type, [.. group.Select(e => e.Id)], ct));
            return seen;
        }
        if (catalog.FindDocument(type) is not { } d) return [];
        return [.. await db.Query<long>($"select t.id from {Sql.Trusted(d.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and t.deleted_at is null and {scope.Of(type, "t")}", ct)];
    }

    private void Owner(DocumentDefinition d, Change change)
    {
        var (owner, former) = (change.Record.OwnerId, change.Former?.OwnerId);
        if (owner == former && change.Kind == ChangeKind.Update) return;
        // Taking a row from its owner is giving it away, too: only a new one may be one's own without the right.
        if ((change.Kind == ChangeKind.Update || owner != me.Id) && me.Id != 0 && !change.Undone && !me.May(d.Permission(DocumentRight.Assign)))
            change.Refuse("ownerId", change.Kind == ChangeKind.Create ? $"您没有“{d.Label}：分配负责人”权限，负责人只能是您自己。" : $"更换负责人需要“{d.Label}：分配负责人”权限。");
        change.Record.DepartmentId = owner is { } id ? caches.Organization.Person(id)?.DepartmentId : null;
    }

    /// <summary>The value as those see it who may not see all of it.</summary>
    public static string Mask(FieldDefinition f, string value) => f.Kind switch
    {
        FieldKind.Phone => Phone.Mask(value),
        FieldKind.Email => Phone.MaskEmail(value),
        _ => Phone.MaskIdNumber(value),
    };

    private static decimal? Number(object? value) => value switch { long l => l, decimal d => d, _ => null };
}
