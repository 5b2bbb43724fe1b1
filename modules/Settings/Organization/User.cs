using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Settings.Organization;

/// <summary>A person who signs in (SET-1). The password is the account's, not here.</summary>
internal sealed class UserRecord : Document
{
    public const string Active = "active", Disabled = "disabled";

    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    public string Login { get; set; } = "";
    /// <summary>The department the person works in.</summary>
    public long? HomeId { get; set; }
    public long? PostId { get; set; }
    public long? SuperiorId { get; set; }
    public string? Mobile { get; set; }
    public string? Email { get; set; }
    public string? Status { get; set; } = Active;
    public string? Remarks { get; set; }
}

internal sealed class UserDocument : IDocument<UserRecord>
{
    public void Declare(DocumentBuilder<UserRecord> d)
    {
        d.Named("user", "users", "用户", "settings.person", "YG").Title(x => x.Name);
        d.Text(x => x.Name, "姓名", 40).Required().Listed(100).Indexed("initials");
        d.Text(x => x.Login, "登录名", 40).Required().Listed(110).Help("用于登录，字母、数字、点、横线或下划线").Example("li.ming").Normalize(v => TextNorm.Fold(v))
            .Check(v => v.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@') ? null : "登录名只能用字母、数字、点、横线、下划线和 @。");
        d.Reference(x => x.HomeId, "部门", "department").Required().Listed(130).Batch();
        d.Reference(x => x.PostId, "岗位", "post").Listed(110).Batch();
        d.Reference(x => x.SuperiorId, "直接上级", "user").Listed(100).Batch().Help("不填时为部门经理");
        d.OneOf(x => x.Status, "状态", new(UserRecord.Active, "在用", "Active"), new(UserRecord.Disabled, "停用", "Disabled")).Required().Listed(70).Default(_ => UserRecord.Active).Batch();
        d.Section("联系方式");
        d.Mobile(x => x.Mobile, "手机").Listed(120).Masked();
        d.Email(x => x.Email, "邮箱").Listed(180);
        d.LongText(x => x.Remarks, "备注");
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly();
        d.With(x =>
        {
            (x.Owned, x.Importable, x.Icon, x.Status, x.MenuGroup, x.MenuOrder) = (false, true, "user", x.Field("status"), SettingsModule.People, 10);
            x.Phones = [x.Field("mobile")];
            x.Subtitle = x.Field("homeId");
            x.UpdateKeys = ["login", "number"];
            x.Views = [new("active", "在用", [new Filter("status", FilterOp.Is, UserRecord.Active)]), new("disabled", "停用", [new Filter("status", FilterOp.Is, UserRecord.Disabled)])];
        });
    }
}

/// <summary>Keeps the account, the rows' department and everyone's rights in step with the person.</summary>
internal sealed class UserRules(IDb db, IOrganization organization, IAccounts accounts, IOwnership ownership, IChanged changed, ICurrentUser me) : IDocumentRule<UserRecord>
{
    public async Task Before(IReadOnlyList<Change<UserRecord>> changes, CancellationToken ct)
    {
        var superiors = changes.Where(c => c.Kind is ChangeKind.Update or ChangeKind.Restore).ToDictionary(c => c.Now.Id, c => c.Now.SuperiorId);
        var logins = organization.People.ToDictionary(p => p.Login, p => p.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var change in changes)
        {
            var u = change.Now;
            u.Initials = Pinyin.Initials(u.Name);
            if (change.Kind is ChangeKind.Create or ChangeKind.Update && logins.TryGetValue(u.Login, out var other) && other != u.Id)
                change.Refuse("login", $"登录名“{u.Login}”已被使用。");
            else if (change.Kind == ChangeKind.Create)
                logins[u.Login] = -1;
            if (change.Kind is ChangeKind.Update or ChangeKind.Restore && IsAbove(u.Id, u.SuperiorId, superiors))
            {
                change.Refuse("superiorId", "直接上级不能是自己或自己的下属。");
                superiors.Remove(u.Id);
            }
            if (change.Kind is ChangeKind.Update && u.Status == UserRecord.Disabled && u.Id == me.Id) change.Refuse("status", "不能停用自己。");
            if (change.Kind is ChangeKind.Delete)
            {
                if (u.Id == me.Id) change.Refuse("", "不能删除自己。");
                else if (await ownership.Owned(u.Id, ct) is { Count: > 0 } owned)
                    change.Refuse("", $"{u.Name} 名下还有{string.Join("、", owned.Select(o => $"{o.Value} 份{o.Key}"))}，请先办理离职交接。");
            }
        }
    }

    /// <summary>Whether the reporting line from this superior upwards leads to the person: all in such a ring would see what each of them sees.</summary>
    /// <param name="named">As the whole change would have it; the others as they stand.</param>
    private bool IsAbove(long person, long? superior, Dictionary<long, long?> named)
    {
        var seen = new HashSet<long>();
        for (var at = superior; at is { } id && seen.Add(id); at = named.TryGetValue(id, out var next) ? next : organization.Person(id)?.SuperiorId)
            if (id == person) return true;
        return false;
    }

    public async Task After(IReadOnlyList<Change<UserRecord>> changes, CancellationToken ct)
    {
        foreach (var change in changes)
        {
            var u = change.Now;
            if (change.Kind == ChangeKind.Purge)
            {
                await accounts.Remove(u.Id, ct);
                await db.Execute($"delete from settings.person_role where person_id = {u.Id}", ct);
                await db.Execute($"delete from settings.scope_grant where holder_id = {u.Id}", ct);
                continue;
            }
            await accounts.Put(u.Id, u.Login, u.Status == UserRecord.Active && u.DeletedAt is null, ct);
            if (change.Kind == ChangeKind.Update && change.Before!.HomeId != u.HomeId) await ownership.DepartmentChanged(u.Id, u.HomeId, ct);
        }
        changed.Mark(Cached.Organization);
    }
}
