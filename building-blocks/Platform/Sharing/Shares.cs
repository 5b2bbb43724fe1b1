using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Sharing;

/// <summary>Shares of documents (CUS-15): by whoever the document wholly belongs to, for reading or changing, until a date, with what is tied to it.</summary>
internal sealed class Shares(Db db, ModuleCatalog catalog, DocumentTypes types, Reach reach, Access access, Caches caches, IHistory history, IMessages messages, ICurrentUser me, IIds ids, TimeProvider clock)
    : IQueryHandler<ListShares, SharePage>, ICommandHandler<ShareDocument, Done>, ICommandHandler<EndShare, Done>
{
    /// <summary>The files beside the document, as a kind.</summary>
    public const string Attachments = "attachments";

    /// <summary>Shared with more, it should be a matter of scopes.</summary>
    private const int Most = 200;

    public async Task<SharePage> Handle(ListShares query, CancellationToken ct)
    {
        var d = Shared(query.Type);
        var record = await reach.Any(d, query.Id, ct);
        var possible = Possible(d);
        var rows = await Active(query.Id, ct);
        var may = record.DeletedAt is null && record.OwnerId is not null && me.May(d.Permission(DocumentRight.Share)) && me.SeenBy is null && await reach.RightOn(d, record, ct) == RowRight.Dispose;
        return new([.. rows.Select(r => new ShareInfo(r.Id, Name(r), r.DepartmentId is not null, r.Writes, LastDay(r.Until), Labels(r.Kinds), r.ById == 0 ? L("系统") : caches.Organization.Person(r.ById)?.Name ?? "", r.At))],
            possible, may);
    }

    public async Task<Done> Handle(ShareDocument command, CancellationToken ct)
    {
        var d = Shared(command.Type);
        var record = await Mine(d, command.Id, ct);
        if (record.OwnerId is null) throw new RuleBroken($"没有负责人的{d.Label}不能共享。");
        var (users, departments) = (command.Users.Distinct().ToList(), command.Departments.Distinct().ToList());
        if (users.Count + departments.Count is 0 or > Most) throw new Invalid("users", users.Count + departments.Count == 0 ? "请选择共享给谁。" : $"一次最多共享给 {Most} 个用户和部门。");
        if (users.Any(u => caches.Organization.Person(u) is not { Enabled: true })) throw new Invalid("users", "用户不存在或已停用。");
        if (users.Contains(record.OwnerId.Value)) throw new Invalid("users", "负责人本来就能看到，不需要共享。");
        if (departments.Any(x => caches.Organization.Department(x) is null)) throw new Invalid("departments", "部门不存在。");
        var possible = Possible(d).Select(k => k.Code).ToHashSet();
        if (command.Kinds?.FirstOrDefault(k => !possible.Contains(k)) is { } unknown) throw new Invalid("kinds", $"不能一起开放“{(unknown.Length > 40 ? unknown[..40] : unknown)}”。");
        var until = command.Until is { } day ? EndOf(day) : (DateTime?)null;
        if (until <= clock.GetUtcNow().UtcDateTime) throw new Invalid("until", "截止日已经过去。");
        var kinds = string.Join(',', (command.Kinds ?? []).Distinct());
        foreach (var target in users.Select(u => (User: (long?)u, Department: (long?)null)).Concat(departments.Select(x => (User: (long?)null, Department: (long?)x))))
        {
            var (now, to) = (clock.GetUtcNow().UtcDateTime, target.User ?? target.Department!.Value);
            await db.Execute($"update platform.share set ended_at = {now}, ended_by = {me.Id} where document_id = {command.Id} and target_id = {to} and ended_at is null", ct);
            await db.Insert("platform.share", ["id", "type_id", "document_id", "target_id", "user_id", "department_id", "writes", "until", "kinds", "by_id", "at"],
                [[ids.Next(), types.Id(d.Type), command.Id, to, target.User, target.Department, command.Write, until, kinds, me.Id, now]], ct);
        }
        await Apply(d, command.Id, ct);
        var terms = $"{(command.Write ? "可修改" : "只读")}{(command.Until is { } last ? $"，至 {last:yyyy-MM-dd}" : "")}{(kinds.Length > 0 ? $"，含{string.Join("、", Labels(kinds))}" : "")}";
        var names = users.Select(u => caches.Organization.Person(u)!.Name).Concat(departments.Select(x => caches.Organization.Department(x)!.Name)).ToList();
        await history.Write(command.Id, "share", [("共享", null, $"{string.Join("、", names.Take(20))}{(names.Count > 20 ? $" 等 {names.Count} 个" : "")}（{terms}）")], ct);
        await messages.Send(users, "share", $"把{d.Label}“{DocumentDirectory.Title(d, record)}”共享给您：{terms}。", command.Id, ct);
        return default;
    }

    public async Task<Done> Handle(EndShare command, CancellationToken ct)
    {
        var d = Shared(command.Type);
        await Mine(d, command.Id, ct);
        var row = (await Active(command.Id, ct)).FirstOrDefault(r => r.Id == command.ShareId) ?? throw new NotFound("共享");
        var now = clock.GetUtcNow().UtcDateTime;
        if (await db.Execute($"update platform.share set ended_at = {now}, ended_by = {me.Id} where id = {row.Id} and ended_at is null", ct) == 0) throw new RuleBroken("这项共享已经结束。");
        await Apply(d, command.Id, ct);
        await history.Write(command.Id, "unshare", [("共享", Name(row), null)], ct);
        return default;
    }

    /// <summary>Whether someone sees this kind of what lies beside a document: whoever sees it otherwise than by a share, those who are asked to approve it, and those it was shared with together with the kind.</summary>
    public async Task<bool> Carries(DocumentDefinition d, Document record, string kind, CancellationToken ct)
    {
        if (!d.Shareable || await reach.RightOn(d, record, ct) == RowRight.Dispose) return true;
        if (await db.First<long>($"select count(*) from platform.access where type_id = {types.Id(d.Type)} and document_id = {record.Id} and user_id = {me.Id} and cause = 'approval'", ct) > 0) return true;
        var departments = Scope.Above(caches.Organization, me.DepartmentId);
        return (await Active(record.Id, ct)).Any(r => (r.UserId == me.Id || r.DepartmentId is { } x && departments.Contains(x)) && r.Kinds.Split(',').Contains(kind));
    }

    /// <summary>The rows that open the document and what is tied to it, as the shares now are.</summary>
    private async Task Apply(DocumentDefinition d, long id, CancellationToken ct)
    {
        await access.Reopen(d, [id], ct);
        await access.FollowFrom(d.Type, [id], ct);
    }

    private async Task<Document> Mine(DocumentDefinition d, long id, CancellationToken ct)
    {
        var record = await reach.Living(d, id, ct);
        return await reach.RightOn(d, record, ct) == RowRight.Dispose ? record : throw new RuleBroken($"这份{d.Label}是共享给您的，只有负责人和上级可以再共享。");
    }

    private async Task<IReadOnlyList<Row>> Active(long id, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return await db.Query<Row>($"""
            select s.id, s.user_id, s.department_id, s.writes, s.until, s.kinds, s.by_id, s.at from platform.share s
            where s.document_id = {id} and s.ended_at is null and (s.until is null or s.until > {now}) order by s.id
            """, ct);
    }

    private List<ShareKind> Possible(DocumentDefinition d) =>
    [
        .. access.TiedTypes(d).Where(t => me.May(t.Permission(DocumentRight.Read))).Select(t => new ShareKind(t.Type, t.Label)),
        .. d.Attachments ? new[] { new ShareKind(Attachments, "附件") } : [],
    ];

    private List<string> Labels(string kinds) => [.. kinds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(k => k == Attachments ? L("附件") : catalog.FindDocument(k)?.Label).OfType<string>()];

    private string Name(Row r) => (r.UserId is { } u ? caches.Organization.Person(u)?.Name : caches.Organization.Department(r.DepartmentId!.Value)?.Name) ?? L("已删除");

    private DocumentDefinition Shared(string type) => catalog.Document(type) is { Shareable: true } d ? d : throw new NotFound("共享");

    private TimeZoneInfo Zone => Zones.Find(caches.Company.TimeZone);

    private DateTime EndOf(DateOnly day)
    {
        if (day.Year is < 2000 or > 2999) throw new Invalid("until", "截止日不是有效的日期。");
        var midnight = day.AddDays(1).ToDateTime(TimeOnly.MinValue);
        return TimeZoneInfo.ConvertTimeToUtc(Zone.IsInvalidTime(midnight) ? midnight.AddHours(1) : midnight, Zone);
    }

    private DateOnly? LastDay(DateTime? until) => until is { } u ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(u, DateTimeKind.Utc), Zone).AddDays(-1)) : null;

    private sealed record Row(long Id, long? UserId, long? DepartmentId, bool Writes, DateTime? Until, string Kinds, long ById, DateTime At);
}
