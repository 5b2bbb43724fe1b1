using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Keeps flows in versions, checks what is set up, and tries it (SET-6).</summary>
internal sealed class Flows(Db db, ModuleCatalog catalog, Approvers approvers, Reach reach, Caches caches, ListSql lists, ICurrentUser me, IIds ids, TimeProvider clock)
    : IQueryHandler<ListFlows, IReadOnlyList<FlowInfo>>, ICommandHandler<SaveFlow, long>, ICommandHandler<DeleteFlow, Done>, ICommandHandler<TryFlow, FlowTrial>
{
    private const int MostSteps = 20;

    public async Task<IReadOnlyList<FlowInfo>> Handle(ListFlows query, CancellationToken ct) =>
        [.. (await db.Query<Row>($"""
            select f.id, f.type, f.name, f.enabled, f.position, f.version, v.definition, (select count(*) from platform.approval a where a.flow_id = f.id and a.state = 'review') as running
            from platform.flow f join platform.flow_version v on v.flow_id = f.id and v.version = f.version where f.deleted_at is null order by f.type, f.position, f.id
            """, ct)).Select(r => new FlowInfo(r.Id, r.Type, r.Name, r.Enabled, (int)r.Position, (int)r.Version, (int)r.Running, Read(r.Definition)))];

    public async Task<long> Handle(SaveFlow command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        if (!d.Approvals) throw new Invalid("type", $"{d.Label}不需要审核。");
        Check(d, command.Definition);
        var (now, text, name) = (clock.GetUtcNow().UtcDateTime, JsonSerializer.Serialize(command.Definition, Journal.Json), TextNorm.Clean(command.Name));
        var (id, version) = (command.Id ?? ids.Next(), command.Version + 1L);
        if (command.Id is null)
        {
            version = 1;
            await db.Insert("platform.flow", ["id", "type", "name", "enabled", "position", "version"], [[id, d.Type, name, command.Enabled, (long)command.Position, version]], ct);
        }
        else if (await db.Execute($"update platform.flow set name = {name}, enabled = {command.Enabled}, position = {command.Position}, version = {version} where id = {id} and type = {d.Type} and version = {command.Version} and deleted_at is null", ct) == 0)
        {
            throw new RuleBroken("该流程刚被他人修改或删除，请刷新后再保存。");
        }
        await db.Insert("platform.flow_version", ["flow_id", "version", "definition", "user_id", "at"], [[id, version, text, me.Id, now]], ct);
        return id;
    }

    public async Task<Done> Handle(DeleteFlow command, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return await db.Execute($"update platform.flow set deleted_at = {now}, enabled = {false} where id = {command.Id} and deleted_at is null", ct) == 0 ? throw new NotFound("审核流程") : default;
    }

    public async Task<FlowTrial> Handle(TryFlow command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        Check(d, command.Definition);
        var record = await reach.Living(d, command.DocumentId, ct);
        var submitter = command.SubmitterId ?? record.OwnerId ?? me.Id;
        if (caches.Organization.Person(submitter) is not { } person) throw new Invalid("submitterId", "提交人不存在。");
        var applies = await Applies(d, command.Definition, record.Id, submitter, ct);
        var steps = new List<TriedStep>();
        var before = new HashSet<long>();
        foreach (var step in command.Definition.Steps)
        {
            if (!await Meets(d, step.Conditions, record.Id, submitter, ct))
            {
                steps.Add(new(step.Name, [], "不满足该步骤的条件，跳过。"));
                continue;
            }
            var found = await approvers.Of(command.Definition, step, submitter, before, ct);
            before.UnionWith(found.Asked.Select(a => a.UserId));
            steps.Add(new(step.Name, [.. found.Asked.Select(a => caches.Organization.Person(a.UserId)!.Name + (a.ForId is { } f ? $"（代 {caches.Organization.Person(f)?.Name}）" : ""))], found.Why));
        }
        return new(applies, applies ? $"由 {person.Name} 提交时适用该流程。" : $"由 {person.Name} 提交时，单据或部门不满足流程的适用条件。", steps);
    }

    /// <summary>The flow that takes a document of this submitter's: the first whose conditions hold.</summary>
    public async Task<(long Id, long Version, string Name, FlowDefinition Definition)?> For(DocumentDefinition d, long document, long submitter, CancellationToken ct)
    {
        foreach (var row in await db.Query<Row>($"""
            select f.id, f.type, f.name, f.enabled, f.position, f.version, v.definition, 0 as running from platform.flow f join platform.flow_version v on v.flow_id = f.id and v.version = f.version
            where f.type = {d.Type} and f.enabled = {true} and f.deleted_at is null order by f.position, f.id
            """, ct))
            if (Read(row.Definition) is var definition && await Applies(d, definition, document, submitter, ct)) return (row.Id, row.Version, row.Name, definition);
        return null;
    }

    public async Task<(string Name, FlowDefinition Definition)> Version(long flow, long version, CancellationToken ct)
    {
        var row = await db.First<Stored>($"select f.name, v.definition from platform.flow_version v join platform.flow f on f.id = v.flow_id where v.flow_id = {flow} and v.version = {version}", ct);
        return (row!.Name, Read(row.Definition));
    }

    /// <summary>Whether a document meets conditions: the same as in its list, and the same for whoever asks. “我” is whoever submits.</summary>
    public async Task<bool> Meets(DocumentDefinition d, IReadOnlyList<Filter>? conditions, long document, long submitter, CancellationToken ct) =>
        conditions is null or [] || await db.First<long>(lists.Matches(d, conditions, document, submitter), ct) > 0;

    private async Task<bool> Applies(DocumentDefinition d, FlowDefinition flow, long document, long submitter, CancellationToken ct) =>
        (flow.Departments is null or [] || caches.Organization.Person(submitter)?.DepartmentId is { } home && flow.Departments.Any(x => caches.Organization.DepartmentAndBelow(x).Contains(home)))
        && await Meets(d, flow.Conditions, document, submitter, ct);

    private void Check(DocumentDefinition d, FlowDefinition flow)
    {
        var organization = caches.Organization;
        if (flow.Steps.Count is 0 or > MostSteps) throw new Invalid("steps", flow.Steps.Count == 0 ? "请至少添加一个审核步骤。" : $"最多 {MostSteps} 个步骤。");
        foreach (var (step, i) in flow.Steps.Select((s, i) => (s, i)))
        {
            var at = $"steps[{i}]";
            if (step is null || string.IsNullOrWhiteSpace(step.Name) || step.Name.Length > 40) throw new Invalid(at + ".name", $"第 {i + 1} 步：请填写名称，最多 40 个字。");
            if (!Enum.IsDefined(step.By) || !Enum.IsDefined(step.Mode)) throw new Invalid(at, $"步骤“{step.Name}”：审核人或方式不正确。");
            var known = step.Ids ?? [];
            if (step.By is ApproverKind.Users or ApproverKind.Role or ApproverKind.Post && known.Count == 0) throw new Invalid(at + ".ids", $"步骤“{step.Name}”：请选择审核人。");
            if (step.By == ApproverKind.Users && known.Any(u => organization.Person(u) is null) || step.By == ApproverKind.Role && known.Any(r => organization.Role(r) is null)) throw new Invalid(at + ".ids", $"步骤“{step.Name}”：所选的人或角色不存在。");
            if (step.Levels is < 1 or > 10) throw new Invalid(at + ".levels", $"步骤“{step.Name}”：级数须在 1 到 10 之间。");
            if (step.Hours is < 1 or > 24 * 365) throw new Invalid(at + ".hours", $"步骤“{step.Name}”：时限须在 1 小时到 1 年之间。");
            if (step.Conditions?.Count > 0) lists.Matches(d, step.Conditions, 0, null);
        }
        if (flow.Nobody == NobodyRule.Person && (flow.NobodyUser is not { } stand || organization.Person(stand)?.Enabled != true)) throw new Invalid("nobodyUser", "请选择找不到审核人时由谁审核。");
        if (!Enum.IsDefined(flow.Nobody) || !Enum.IsDefined(flow.Submitter)) throw new Invalid("nobody", "规则不正确。");
        if ((flow.Departments ?? []).Any(x => organization.Department(x) is null)) throw new Invalid("departments", "所选部门不存在。");
        if ((flow.CopyTo ?? []).Any(u => organization.Person(u) is null)) throw new Invalid("copyTo", "抄送人不存在。");
        if (flow.Conditions?.Count > 0) lists.Matches(d, flow.Conditions, 0, null);
    }

    private static FlowDefinition Read(string json) => JsonSerializer.Deserialize<FlowDefinition>(json, Journal.Json)!;

    private sealed record Row(long Id, string Type, string Name, bool Enabled, long Position, long Version, string Definition, long Running);

    private sealed record Stored(string Name, string Definition);
}
