using KuaipuCrm.Sdk;
using KuaipuCrm.Settings.Organization;
using KuaipuCrm.Settings.Roles;

namespace KuaipuCrm.Settings;

/// <summary>What every account set begins with: the company, its head department, the usual roles.</summary>
internal sealed class OrganizationDefaults(IDb db, IScope scope, IDocuments<DepartmentRecord> departments, IDocuments<RoleRecord> roles, IChanged changed) : ISeed
{
    /// <summary>Until the company gives its own.</summary>
    public const string CompanyName = "我的公司";

    public int Order => 20;

    public async Task Defaults(CancellationToken ct)
    {
        if (await db.First<long>($"select count(*) from settings.company", ct) == 0)
            await db.Insert("settings.company", ["id", "name", "time_zone", "currency", "work_days"], [[1L, CompanyName, "Asia/Shanghai", "CNY", "1,2,3,4,5"]], ct);
        changed.Mark(Cached.Company);
        if (await db.First<long>($"select count(*) from settings.role r where {scope.All("role", "are there any yet")}", ct) > 0) return;
        await departments.Create(new DepartmentRecord { Name = "总公司", Code = "00" }, ct: ct);
        await CreateRoles(ct);
    }

    private async Task CreateRoles(CancellationToken ct)
    {
        var all = new RoleRecord { Name = "系统管理员", Remarks = "拥有全部权限" };
        await roles.Create(all, ct: ct);
        await db.Insert("settings.role_permission", ["role_id", "permission"], [[all.Id, Permissions.Everything]], ct);
        foreach (var (name, remarks, kind, rights, more) in Usual)
        {
            var role = new RoleRecord { Name = name, Remarks = remarks };
            await roles.Create(role, ct: ct);
            await db.Insert("settings.role_permission", ["role_id", "permission"], rights.SelectMany(r => new[] { $"customers.customers.{r}", $"customers.contacts.{r}" }).Concat(Tracking(rights)).Concat(Deals(rights)).Concat(Campaigns(rights)).Concat(more).Append(OutgoingRights.Send).Select(p => new object?[] { role.Id, p }), ct);
            await Grants.Write(db, role.Id, [new ScopeGrant("*", kind, [])], ct);
        }
    }

    /// <summary>Whoever works with customers writes down what was said, and when to call again.</summary>
    private static IEnumerable<string> Tracking(string[] rights) =>
        rights.Except(["unmask", "batch"]).SelectMany(r => new[] { "records", "appointments" }.Select(t => $"tracking.{t}.{r}"))
            .Except(["tracking.appointments.import"]).Concat(new[] { "customers", "contacts" }.SelectMany(t => new[] { "read", "export" }.Select(r => $"tracking.{t}.{r}")));

    /// <summary>Leads become opportunities, worked on by the same people; stages are looked up by all of them.</summary>
    private static IEnumerable<string> Deals(string[] rights) =>
        rights.SelectMany(r => new[] { $"leads.leads.{r}", $"opportunities.opportunities.{r}" }).Except(["opportunities.opportunities.unmask"]).Append("opportunities.stages.read")
            .Concat(rights.Intersect(["read", "create", "update", "delete", "restore", "export"]).SelectMany(r => new[] { "advances", "lines", "stakeholders", "competitions", "requirements", "registrations" }.Select(t => $"opportunities.{t}.{r}")))
            // A step on the way of an opportunity is taken back by who answers for it.
            .Except(rights.Contains("restore") ? [] : ["opportunities.advances.delete"]);

    /// <summary>Sales people see the campaigns that are theirs and what they are for; managers plan and run them.</summary>
    private static IEnumerable<string> Campaigns(string[] rights)
    {
        string[] own = rights.Contains("batch") ? [.. rights.Except(["unmask"])] : ["read"];
        return own.Select(r => $"marketing.campaigns.{r}").Concat(own.Except(["batch", "assign"]).SelectMany(r => new[] { "targets", "budgets", "products" }.Select(t => $"marketing.{t}.{r}")));
    }

    /// <summary>Everyone gives and takes tasks and looks prices up.</summary>
    private static readonly string[] Tasks = ["targets.tasks.read", "targets.tasks.create", "targets.tasks.update", "targets.tasks.export", "settings.products.read"];

    private static readonly (string Name, string Remarks, ScopeKind Kind, string[] Rights, string[] More)[] Usual =
    [
        ("销售代表", "管理自己的客户", ScopeKind.OwnAndSubordinates, ["read", "create", "update", "delete", "export"], ["customers.open.read", "customers.lock.request", "customers.lock.release", "customers.lock.protect", "customers.customers.share", .. Tasks]),
        ("销售经理", "管理本部门及下级部门的客户", ScopeKind.DepartmentAndBelow, ["read", "create", "update", "delete", "restore", "batch", "assign", "import", "export", "unmask"],
            ["customers.open.read", "customers.lock.request", "customers.lock.release", "customers.lock.protect", "customers.lock.review", "customers.pools.read", "customers.rules.read", "customers.customers.share", "customers.customers.merge", .. Tasks]),
        ("总经理", "查看全部客户", ScopeKind.All, ["read", "export", "unmask"], ["customers.open.read", "customers.pools.read", "customers.rules.read", .. Tasks]),
    ];
}

/// <summary>The administrator; after the department and the role are there.</summary>
internal sealed class AdministratorDefaults(IDb db, IScope scope, IOrganization organization, IDocuments<UserRecord> users, IChanged changed) : ISeed
{
    public int Order => 21;

    public async Task Defaults(CancellationToken ct)
    {
        if (await db.First<long>($"select count(*) from settings.person p where {scope.All("user", "is there anyone yet")}", ct) > 0) return;
        var admin = new UserRecord { Name = "系统管理员", Login = "admin", HomeId = organization.Departments[0].Id };
        await users.Create(admin, ct: ct);
        await db.Insert("settings.person_role", ["person_id", "role_id"], [[admin.Id, organization.Roles.First(r => r.Permissions.Contains(Permissions.Everything)).Id]], ct);
        changed.Mark(Cached.Organization);
    }
}
