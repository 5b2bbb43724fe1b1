using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Shows approvals to those who take part in them, or may see the document.</summary>
internal sealed class ApprovalQueries(Db db, ModuleCatalog catalog, Reach reach, Flows flows, DocumentTypes types, NameResolver names, Formatter formatter, Caches caches, ICurrentUser me)
    : IQueryHandler<ListApprovals, IReadOnlyList<ApprovalRow>>, IQueryHandler<CountApprovals, int>, IQueryHandler<GetApproval, ApprovalView>, IQueryHandler<ListTrail, IReadOnlyList<ApprovalView>>, IQueryHandler<MaySubmit, bool>, IQueryHandler<NeedsApproval, bool>
{
    public async Task<IReadOnlyList<ApprovalRow>> Handle(ListApprovals query, CancellationToken ct)
    {
        var (before, page) = (query.BeforeId ?? long.MaxValue, db.Dialect.Page(Math.Clamp(query.Take, 1, 200)));
        var states = query.List switch { "waiting" => "('open')", "decided" => "('approved', 'rejected', 'returned', 'delegated', 'redo')", "copied" => "('copied')", "submitted" => "", _ => throw new Invalid("list", "没有这个列表。") };
        var columns = Sql.Trusted("a.id, a.document_id, a.type_id, a.flow_id, a.flow_version, a.submitter_id, a.at, a.state, a.step, a.ended_at, d.number, d.title");
        var rows = await db.Query<Row>(query.List == "submitted"
            ? $"select {columns}, null as task_id, null as due_at from platform.approval a join platform.document d on d.id = a.document_id where a.submitter_id = {me.Id} and a.id < {before} order by a.id desc {page}"
            : (Sql)$"""
                select {columns}, t.id as task_id, t.due_at from platform.approval_task t join platform.approval a on a.id = t.approval_id join platform.document d on d.id = a.document_id
                where t.user_id = {me.Id} and t.state in {Sql.Trusted(states)} and t.id < {before} order by t.id desc {page}
                """, ct);
        var result = new List<ApprovalRow>();
        foreach (var r in rows)
        {
            if (types.Name(r.TypeId) is not { } type || catalog.FindDocument(type) is not { } d) continue;
            var (name, flow) = await Flow(r.FlowId, r.FlowVersion, ct);
            result.Add(new(r.Id, r.TaskId, r.DocumentId, type, d.Label, r.Number, r.Title, name, r.State == ApprovalState.Review && r.Step >= 0 ? flow.Steps[(int)r.Step].Name : "", Who(r.SubmitterId), r.At, r.DueAt, r.State, r.EndedAt));
        }
        return result;
    }

    public async Task<int> Handle(CountApprovals query, CancellationToken ct) => me.SeenBy is not null ? 0 : (int)await db.First<long>($"select count(*) from platform.approval_task where user_id = {me.Id} and state = 'open'", ct);

    public async Task<ApprovalView> Handle(GetApproval query, CancellationToken ct)
    {
        var head = await db.First<Head>($"select {Heads} from platform.approval where id = {query.Id}", ct) ?? throw new NotFound("审核");
        var d = types.Name(head.TypeId) is { } type && catalog.FindDocument(type) is { } found ? found : throw new NotFound("审核");
        var sees = me.May(d.Permission(DocumentRight.Read)) && (await reach.WhoSee(d.Type, head.DocumentId, [me.Id], ct)).Count > 0;
        if (!sees && head.SubmitterId != me.Id && await db.First<long>($"select count(*) from platform.approval_task where approval_id = {head.Id} and user_id = {me.Id} and state not in ('cancelled', 'replaced', 'stopped', 'copy')", ct) == 0)
            throw new NotFound("审核");
        return await View(d, head, sees, ct);
    }

    public async Task<IReadOnlyList<ApprovalView>> Handle(ListTrail query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        await reach.Any(d, query.Id, ct);
        var views = new List<ApprovalView>();
        foreach (var head in await db.Query<Head>($"select {Heads} from platform.approval where document_id = {query.Id} order by document_id desc, id desc {db.Dialect.Page(20)}", ct)) views.Add(await View(d, head, true, ct));
        return views;
    }

    public async Task<bool> Handle(MaySubmit query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        if (!d.Approvals || me.SeenBy is not null || !me.May(d.Permission(DocumentRight.Update))) return false;
        var record = await reach.Any(d, query.Id, ct);
        return record is { DeletedAt: null, Approval: not (ApprovalState.Review or ApprovalState.Approved) } && !d.IsFinal(record) && await flows.For(d, record.Id, me.Id, ct) is not null;
    }

    public async Task<bool> Handle(NeedsApproval query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        if (!d.Approvals) return false;
        var record = await reach.Any(d, query.Id, ct);
        if (record.Approval is ApprovalState.Review or ApprovalState.Approved || d.IsFinal(record)) return false;
        // A flow of the owner's department is not got round by asking a colleague of another one.
        return await flows.For(d, record.Id, record.OwnerId ?? me.Id, ct) is not null || await flows.For(d, record.Id, me.Id, ct) is not null;
    }

    private async Task<ApprovalView> View(DocumentDefinition d, Head head, bool sees, CancellationToken ct)
    {
        var (name, flow) = await Flow(head.FlowId, head.FlowVersion, ct);
        var entries = await db.Query<Entry>($"select id, step, user_id, for_id, state, at, due_at, done_at, note from platform.approval_task where approval_id = {head.Id} order by id", ct);
        var document = await db.First<Named>($"select number, title, owner_id from platform.document where id = {head.DocumentId}", ct) ?? throw new NotFound("审核");
        var before = await db.First<string>($"select snapshot from platform.approval where document_id = {head.DocumentId} and id < {head.Id} and state = 'approved' order by id desc {db.Dialect.Page(1)}", ct);
        var (now, then) = (Read(d, head.Snapshot), before is null ? null : Read(d, before));
        var titles = await names.Of(new[] { now, then ?? [] }.SelectMany(v => v).Where(p => p.Key.Kind == FieldKind.Reference).Select(p => (p.Key.RefersTo!, p.Value as long?)), ct);
        // Whose it is today: who handed it in and gave it away since reads it as others do.
        var own = document.OwnerId == me.Id;
        var (files, former) = (FilesOf(head.Snapshot), before is null ? null : FilesOf(before));
        string? Text(FieldDefinition f, object? value) => f.Masked && !own && value is string s ? DraftChecks.Mask(f, s) : formatter.Text(f, value, titles);
        var shown = d.Fields.Where(f => !f.Hidden && now.ContainsKey(f)).ToList();
        var task = me.SeenBy is null ? entries.FirstOrDefault(e => e.UserId == me.Id && e.State == "open") : null;
        return new(head.Id, head.DocumentId, d.Type, d.Label, document.Number, document.Title, name, head.State, Who(head.SubmitterId), head.At, head.EndedAt, head.Note,
            [.. shown.Select(f => (f.Label, Text: Text(f, now[f]))).Append((Label: L("附件"), Text: Listed(files))).Where(p => p.Text is { Length: > 0 }).Select(p => KeyValuePair.Create(p.Label, p.Text!))],
            then is null ? [] : [.. shown.Where(f => !f.System || f.Name == "ownerId").Where(f => !Equals(now[f], then.GetValueOrDefault(f))).Select(f => new FieldChange(f.Name, f.Label, Text(f, then.GetValueOrDefault(f)), Text(f, now[f]))),
                .. former is null || files.SequenceEqual(former) ? [] : new[] { new FieldChange("attachments", L("附件"), Listed(former), Listed(files)) }],
            [.. flow.Steps.Select(s => s.Name)], (int)head.Step,
            [.. entries.OrderBy(e => e.Step >= flow.Steps.Count).Select(e => new TrailEntry(e.Id, e.Step < flow.Steps.Count ? flow.Steps[(int)e.Step].Name : L("抄送"), e.UserId == 0 ? L("系统") : Who(e.UserId), e.ForId is { } f ? Who(f) : null, e.State, e.DoneAt ?? e.At, e.State == "open" ? e.DueAt : null, e.Note))],
            head.State == ApprovalState.Review ? task?.Id : null, head.State == ApprovalState.Review && me.SeenBy is null && (head.SubmitterId == me.Id || me.May(Permissions.Everything)), sees ? $"{d.Path}/{head.DocumentId}" : null);
    }

    private Dictionary<FieldDefinition, object?> Read(DocumentDefinition d, string snapshot)
    {
        var zone = formatter.Zone;
        var values = new Dictionary<FieldDefinition, object?>();
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(snapshot)!)
            if (d.Find(name) is { } f)
                try
                {
                    values[f] = FieldCodec.Parse(f, value, zone);
                }
                catch (Invalid)
                {
                    // A value of former times that today's declaration no longer takes is shown as it stands.
                    values[f] = value.ToString();
                }
        return values;
    }

    private static IReadOnlyList<ApprovalEngine.SnapshotFile> FilesOf(string snapshot) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(snapshot)!.TryGetValue(ApprovalEngine.FilesKey, out var files) ? files.Deserialize<List<ApprovalEngine.SnapshotFile>>(Journal.Json)! : [];

    private static string? Listed(IReadOnlyList<ApprovalEngine.SnapshotFile> files) => files.Count == 0 ? null : string.Join("、", files.Select(f => f.Version == 1 ? f.Name : L($"{f.Name}（第 {f.Version} 版）")));

    private readonly Dictionary<(long, long), (string, FlowDefinition)> known = [];

    private async Task<(string Name, FlowDefinition Definition)> Flow(long id, long version, CancellationToken ct) =>
        known.TryGetValue((id, version), out var flow) ? flow : known[(id, version)] = await flows.Version(id, version, ct);

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private static readonly Sql Heads = Sql.Trusted("id, document_id, type_id, flow_id, flow_version, submitter_id, at, ended_at, state, step, note, snapshot");

    private sealed record Row(long Id, long DocumentId, long TypeId, long FlowId, long FlowVersion, long SubmitterId, DateTime At, string State, long Step, DateTime? EndedAt, string Number, string Title, long? TaskId, DateTime? DueAt);

    private sealed record Head(long Id, long DocumentId, long TypeId, long FlowId, long FlowVersion, long SubmitterId, DateTime At, DateTime? EndedAt, string State, long Step, string? Note, string Snapshot);

    private sealed record Entry(long Id, long Step, long UserId, long? ForId, string State, DateTime At, DateTime? DueAt, DateTime? DoneAt, string? Note);

    private sealed record Named(string Number, string Title, long? OwnerId);
}
