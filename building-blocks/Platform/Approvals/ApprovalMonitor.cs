using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Shows where approvals stand and sets them going again (SET-6).</summary>
internal sealed class ApprovalMonitor(Db db, ModuleCatalog catalog, Flows flows, ApprovalEngine engine, DocumentTypes types, IScope scope, Caches caches, ICurrentUser me, TimeProvider clock)
    : IQueryHandler<MonitorApprovals, IReadOnlyList<MonitoredApproval>>, ICommandHandler<ReassignTask, Done>, ICommandHandler<UrgeApproval, Done>, ICommandHandler<StopApproval, Done>
{
    private static readonly string[] States = [ApprovalState.Review, ApprovalState.Approved, ApprovalState.Rejected, ApprovalState.Withdrawn, "returned"];

    public async Task<IReadOnlyList<MonitoredApproval>> Handle(MonitorApprovals query, CancellationToken ct)
    {
        if (!States.Contains(query.State)) throw new Invalid("state", "没有这个状态。");
        if (query.Type is { } only && catalog.FindDocument(only) is null) throw new Invalid("type", "没有这种单据。");
        var (before, now) = (query.BeforeId ?? long.MaxValue, clock.GetUtcNow().UtcDateTime);
        var typeId = query.Type is { } t ? types.Id(t) : 0;
        var rows = await db.Query<Row>($"""
            select a.id, a.document_id, a.type_id, a.flow_id, a.flow_version, a.submitter_id, a.at, a.ended_at, a.state, a.step, d.number, d.title
            from platform.approval a join platform.document d on d.id = a.document_id
            where a.state = {query.State} and a.id < {before}{Sql.When(typeId != 0, $" and a.type_id = {typeId}")}
            {Sql.When(query.UserId is not null, $" and a.id in (select x.approval_id from platform.approval_task x where x.user_id = {query.UserId} and x.state = 'open')")}
            {Sql.When(query.Overdue, $" and a.id in (select x.approval_id from platform.approval_task x where x.state = 'open' and x.due_at < {now})")}
            order by a.id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, ct);
        var tasks = (await db.Query<Open>($"select id, approval_id, user_id, at, due_at from platform.approval_task where {db.Dialect.In(Sql.Trusted("approval_id"), [.. rows.Select(r => r.Id)])} and state = 'open' order by id", ct)).ToLookup(x => x.ApprovalId);
        var seen = await Seen([.. rows.Select(r => new Place(r.TypeId, r.DocumentId))], ct);
        var shown = new List<MonitoredApproval>();
        foreach (var r in rows)
        {
            if (types.Name(r.TypeId) is not { } type || catalog.FindDocument(type) is not { } d) continue;
            var (name, flow) = await flows.Version(r.FlowId, r.FlowVersion, ct);
            shown.Add(new(r.Id, type, d.Label, r.Number, seen.Contains(r.DocumentId) ? r.Title : null, name, r.State == ApprovalState.Review && r.Step >= 0 ? flow.Steps[(int)r.Step].Name : "", Who(r.SubmitterId), r.At, r.EndedAt, r.State,
                [.. tasks[r.Id].Select(x => new WaitingTask(x.Id, x.UserId, Who(x.UserId), x.At, x.DueAt))]));
        }
        return shown;
    }

    public async Task<Done> Handle(ReassignTask command, CancellationToken ct)
    {
        // Looking after flows opens no record: not by naming oneself either.
        if (command.UserId == me.Id && await db.First<Place>($"select a.type_id, a.document_id from platform.approval_task t join platform.approval a on a.id = t.approval_id where t.id = {command.TaskId}", ct) is { } place
            && (await Seen([place], ct)).Count == 0) throw new RuleBroken("您看不到这份单据，不能改派给自己。");
        await engine.Reassign(command.TaskId, command.UserId, command.Note, ct);
        return default;
    }

    public async Task<Done> Handle(UrgeApproval command, CancellationToken ct)
    {
        await engine.Urge(command.Id, ct);
        return default;
    }

    public async Task<Done> Handle(StopApproval command, CancellationToken ct)
    {
        await engine.Stop(command.Id, command.Note, ct);
        return default;
    }

    /// <summary>Which of the documents the reader may see: looking after flows opens no record.</summary>
    private async Task<HashSet<long>> Seen(IReadOnlyList<Place> rows, CancellationToken ct)
    {
        var seen = new HashSet<long>();
        foreach (var group in rows.GroupBy(r => r.TypeId))
            if (types.Name(group.Key) is { } type && catalog.FindDocument(type) is { } d && me.May(d.Permission(DocumentRight.Read)))
                seen.UnionWith(await db.Query<long>($"select t.id from {Sql.Trusted(d.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), [.. group.Select(r => r.DocumentId)])} and {scope.Of(type, "t")}", ct));
        return seen;
    }

    private string Who(long id) => id == 0 ? "系统" : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, long DocumentId, long TypeId, long FlowId, long FlowVersion, long SubmitterId, DateTime At, DateTime? EndedAt, string State, long Step, string Number, string Title);

    private sealed record Place(long TypeId, long DocumentId);

    private sealed record Open(long Id, long ApprovalId, long UserId, DateTime At, DateTime? DueAt);
}
