using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Organization;

/// <summary>What would move if a user handed over now, and what else hangs on the user.</summary>
[Action("离职交接预览", SettingsModule.HandOverPermission, Route = "users/{userId}/hand-over", Help = "一个用户名下各类资料有多少。")]
public sealed record PreviewHandOver(long UserId) : IQuery<HandOverPreview>;

/// <param name="Subordinates">Who names the user as direct superior.</param>
/// <param name="Manages">Departments the user manages.</param>
/// <param name="MayDisable">Whether the asker may disable the user along with it.</param>
public sealed record HandOverPreview(long UserId, string Name, string? Department, bool Enabled, IReadOnlyList<Holding> Owned, IReadOnlyList<string> Subordinates, IReadOnlyList<string> Manages, bool MayDisable)
{
    /// <summary>What is no document: approvals that wait, requests that run.</summary>
    public IReadOnlyList<Holding> Beside { get; init; } = [];

    /// <summary>Labels of what the user owns, too, and the asker does not see: others hand it over.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];
}

internal sealed class PreviewHandOverHandler(IOrganization organization, IOwnership ownership, ICurrentUser me, IStanding standing) : IQueryHandler<PreviewHandOver, HandOverPreview>
{
    public async Task<HandOverPreview> Handle(PreviewHandOver query, CancellationToken ct)
    {
        var person = organization.Person(query.UserId) ?? throw new NotFound("用户");
        var owned = (await ownership.Holdings(person.Id, ct)).ToLookup(h => standing.WhyNotGiven(person.Id, h.Type) is null);
        return new(person.Id, person.Name, person.DepartmentId is { } d ? organization.Department(d)?.Name : null, person.Enabled, [.. owned[true]],
            [.. organization.People.Where(p => p.Enabled && p.SuperiorId == person.Id).Select(p => p.Name)], [.. organization.Departments.Where(x => x.ManagerId == person.Id).Select(x => x.Name)],
            person.Enabled && person.Id != me.Id && me.May("settings.users.update"))
        { Beside = standing.WhyAbove(person.Id) is null ? await ownership.Beside(person.Id, ct) : [], Unseen = [.. owned[false].Select(h => h.Label)] };
    }
}

/// <summary>How the documents of one type would fall to the heirs by these rules.</summary>
[Action("离职交接分配预览", SettingsModule.HandOverPermission, Route = "users/{userId}/hand-over/shares", Help = "按这些规则，一类资料会分给每位接手人多少份；不做任何改动。", Example = "{\"type\":\"customer\",\"heirs\":[],\"rules\":[]}")]
public sealed record PreviewShares(long UserId, string Type, IReadOnlyList<long> Heirs, IReadOnlyList<HeirRule> Rules) : ICommand<IReadOnlyList<HeirShare>>;

public sealed record HeirShare(long UserId, string Name, long Count);

internal sealed class PreviewSharesHandler(IOrganization organization, IOwnership ownership, IStanding standing) : ICommandHandler<PreviewShares, IReadOnlyList<HeirShare>>
{
    public async Task<IReadOnlyList<HeirShare>> Handle(PreviewShares command, CancellationToken ct)
    {
        if (organization.Person(command.UserId) is null) throw new NotFound("用户");
        AccountRules.MustBeGiven(standing, command.UserId, [command.Type]);
        if (command.Rules.Any(r => r is null || r.Heirs.Count == 0)) throw new Invalid("rules", "分配规则须有条件和接手人。");
        return [.. (await ownership.Shares(command.UserId, command.Type, command.Heirs, command.Rules, ct)).Select(s => new HeirShare(s.Key, organization.Person(s.Key)?.Name ?? "?", s.Value)).OrderByDescending(s => s.Count)];
    }
}

/// <summary>Moves what a user owns to one or several heirs, by turns (SET-1); journaled, undoable. Owner times are kept, so past performance stays with the user (DOC-15).</summary>
/// <param name="Heirs">Document type → who takes over, by turns; types left out stay where they are.</param>
/// <param name="Rules">Go before: by region, type and the like.</param>
/// <param name="BesideTo">Who takes over approvals that wait, requests that run; none: they stay.</param>
[Action("离职交接", SettingsModule.HandOverPermission, Route = "users/{userId}/hand-over", Help = "把一个用户名下的资料按类交给一人或多人（轮流分配）；是一次批量操作，可整体撤销。",
    Example = "{\"heirs\":{\"customer\":[1024,1025]},\"reason\":\"离职\",\"disable\":false}")]
public sealed record HandOver(long UserId, IReadOnlyDictionary<string, IReadOnlyList<long>> Heirs, [Label("交接原因"), Required, MaxLength(100)] string Reason, bool Disable,
    IReadOnlyList<HeirRule>? Rules = null, long? BesideTo = null) : ICommand<BatchResult>;

internal sealed class HandOverHandler(IOrganization organization, IOwnership ownership, IDocuments<UserRecord> users, IHistory history, ICurrentUser me, IStanding standing) : ICommandHandler<HandOver, BatchResult>
{
    private const int MostHeirs = 50;

    public async Task<BatchResult> Handle(HandOver command, CancellationToken ct)
    {
        var person = organization.Person(command.UserId) ?? throw new NotFound("用户");
        var rules = command.Rules ?? [];
        if (rules.Any(r => r is null || r.Heirs.Count == 0 || r.Values.Count == 0)) throw new Invalid("rules", "分配规则须有条件和接手人。");
        if (command.Heirs is null || command.Heirs.Values.Any(h => h is null) || command.Heirs.Values.All(h => h.Count == 0) && rules.Count == 0 && command.BesideTo is null) throw new Invalid("heirs", "请选择接手人。");
        var heirs = command.Heirs.ToDictionary(h => h.Key, h => (IReadOnlyList<long>)[.. h.Value.Distinct()]);
        foreach (var id in heirs.Values.SelectMany(h => h).Concat(rules.SelectMany(r => r.Heirs)).Concat(command.BesideTo is { } b ? [b] : []).Distinct())
        {
            var heir = organization.Person(id) ?? throw new Invalid("heirs", "接手人不存在，可能刚被删除，请重新选择。");
            if (heir.Id == person.Id) throw new Invalid("heirs", $"{person.Name} 不能接手自己的记录。");
            if (!heir.Enabled) throw new Invalid("heirs", $"{heir.Name} 已停用，不能接手。");
        }
        if (heirs.Values.Any(h => h.Count > MostHeirs)) throw new Invalid("heirs", $"接手人最多 {MostHeirs} 位。");
        AccountRules.MustBeGiven(standing, person.Id, heirs.Where(h => h.Value.Count > 0).Select(h => h.Key).Concat(rules.Select(r => r.Type)));
        // Whoever decides in another's place does what only that one may.
        if (command.BesideTo is not null) AccountRules.MustNotBeAbove(standing, person.Id);
        if (command.Disable) MayDisable(person);
        string Names(IEnumerable<long> ids) => string.Join("、", ids.Distinct().Select(id => organization.Person(id)!.Name));
        var to = Names(heirs.Values.SelectMany(h => h).Concat(rules.SelectMany(r => r.Heirs)).Concat(command.BesideTo is { } beside ? [beside] : []));
        var result = await ownership.HandOver(person.Id, heirs, $"离职交接：{person.Name} → {to}（{command.Reason.Trim()}）", rules, command.BesideTo, ct);
        await history.Write(person.Id, "hand-over", [("交接给", null, to), ("交接原因", null, command.Reason.Trim()), ("交接记录数", null, result.Done.ToString(System.Globalization.CultureInfo.InvariantCulture))], ct);
        if (!command.Disable) return result;
        var user = await users.Get(person.Id, ct);
        user.Status = UserRecord.Disabled;
        await users.Update(user, ct: ct);
        return result;
    }

    private void MayDisable(Person person)
    {
        if (person.Id == me.Id) throw new RuleBroken("不能停用自己。请取消“交接后停用”，或由其他管理员办理。");
        if (!me.May("settings.users.update")) throw new NotAllowed("用户：修改");
        AccountRules.MustNotBeAbove(standing, person.Id);
    }
}
