namespace KuaipuCrm.Sdk;

/// <summary>Data scopes as people read them.</summary>
public static class ScopeWords
{
    /// <summary>All kinds, narrow to wide, with their Chinese names.</summary>
    public static readonly IReadOnlyList<(ScopeKind Kind, string Text)> All =
    [
        (ScopeKind.None, "不可见"), (ScopeKind.Own, "本人"), (ScopeKind.OwnAndSubordinates, "本人及下属"), (ScopeKind.Department, "本部门"),
        (ScopeKind.DepartmentAndBelow, "本部门及下级部门"), (ScopeKind.ChosenDepartments, "指定部门"), (ScopeKind.All, "全部"),
    ];

    /// <summary>In the reader's language.</summary>
    public static string Of(ScopeKind kind) => Texts.L(All.First(k => k.Kind == kind).Text);

    /// <summary>The grant in one line, its departments by name.</summary>
    public static string Of(ScopeGrant grant, IOrganization organization) => grant.Kind != ScopeKind.ChosenDepartments ? Of(grant.Kind)
        : Texts.L($"{Of(grant.Kind)}（{string.Join(Texts.L("、"), grant.Departments.Take(5).Select(d => organization.Department(d)?.Name ?? Texts.L("已删除的部门")))}{(grant.Departments.Count > 5 ? Texts.L($" 等 {grant.Departments.Count} 个") : "")}）");
}
