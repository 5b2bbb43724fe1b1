using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;
using KuaipuCrm.Settings.Organization;

namespace KuaipuCrm.Settings.Demo;

/// <summary>The demo company's people: 60 in 8 departments. All sign in with <see cref="Password"/>.</summary>
internal sealed class DemoDepartments(IOrganization organization, IDocuments<DepartmentRecord> departments, IDocuments<PostRecord> posts, IDb db, IChanged changed) : ISeed
{
    /// <summary>Of every demo user; told in the README.</summary>
    public const string Password = "Kuaipu@2026";

    public static readonly (string Name, string Code, int People)[] All =
    [
        ("总经办", "01", 3), ("华南销售部", "02", 11), ("华东销售部", "03", 11), ("华北销售部", "04", 10), ("大客户部", "05", 8), ("市场部", "06", 6), ("服务部", "07", 6), ("财务行政部", "08", 5),
    ];

    public static readonly string[] Posts = ["总经理", "部门经理", "销售代表", "专员"];

    public int Order => 30;

    public async Task Demo(CancellationToken ct)
    {
        if (organization.Departments.Any(d => d.Name == All[1].Name)) return;
        var head = organization.Departments[0].Id;
        await departments.CreateMany([.. All.Select(d => new DepartmentRecord { Name = d.Name, Code = d.Code, ParentId = head })], ct);
        await posts.CreateMany([.. Posts.Select(p => new PostRecord { Name = p })], ct);
        await db.Execute($"update settings.company set name = {"快普演示公司"} where id = 1", ct);
        changed.Mark(Cached.Company);
    }
}

/// <summary>The people, after their departments.</summary>
internal sealed class DemoPeople(IOrganization organization, IDocuments<UserRecord> users, IDocuments<DepartmentRecord> departments, IAccounts accounts, IDb db, IScope scope, IChanged changed) : ISeed
{
    private const string Surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜";
    private const string Given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红梅鑫波斌宇浩凯婷雪琳晨阳悦";

    public int Order => 31;

    public async Task Demo(CancellationToken ct)
    {
        if (organization.People.Count > 5) return;
        var posts = (await db.Query<Named>($"select p.id, p.name from settings.post p where {scope.All("post", "demo data")}", ct)).ToDictionary(p => p.Name, p => p.Id);
        var random = new Random(2026);
        var taken = new HashSet<string>();
        var people = new List<(UserRecord User, string Role, bool Manager)>();
        foreach (var (name, code, count) in DemoDepartments.All)
        {
            var home = organization.Departments.Single(d => d.Name == name).Id;
            for (var i = 0; i < count; i++)
            {
                var person = NewName(random, taken);
                var login = Logins(person, taken);
                var (post, role) = code == "01" && i == 0 ? ("总经理", "总经理") : i == 0 ? ("部门经理", "销售经理") : code is "02" or "03" or "04" or "05" ? ("销售代表", "销售代表") : ("专员", "销售代表");
                people.Add((new UserRecord { Name = person, Login = login, HomeId = home, PostId = posts[post], Mobile = $"13{random.Next(100, 999)}{random.Next(100000, 999999)}", Email = $"{login}@demo.example" }, role, i == 0));
            }
        }
        await users.CreateMany([.. people.Select(p => p.User)], ct);
        foreach (var (user, role, manager) in people)
        {
            await db.Insert("settings.person_role", ["person_id", "role_id"], [[user.Id, organization.Roles.First(r => r.Name == role).Id]], ct);
            await accounts.SetPassword(user.Id, DemoDepartments.Password, mustChange: false, ct);
            if (!manager) continue;
            var department = await departments.Get(user.HomeId!.Value, ct);
            await db.Execute($"update settings.department set manager_id = {user.Id} where id = {department.Id} and {scope.All("department", "demo data")}", ct);
        }
        changed.Mark(Cached.Organization);
    }

    private static string NewName(Random random, HashSet<string> taken)
    {
        while (true)
        {
            var name = $"{Surnames[random.Next(Surnames.Length)]}{Given[random.Next(Given.Length)]}{(random.Next(3) > 0 ? Given[random.Next(Given.Length)].ToString() : "")}";
            if (taken.Add(name)) return name;
        }
    }

    private static string Logins(string name, HashSet<string> taken)
    {
        var stem = Pinyin.Initials(name);
        for (var n = 1; ; n++)
        {
            var login = n == 1 ? stem + "01" : $"{stem}{n:00}";
            if (taken.Add(login)) return login;
        }
    }

    private sealed record Named(long Id, string Name);
}
