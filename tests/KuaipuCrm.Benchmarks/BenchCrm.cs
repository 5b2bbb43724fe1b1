using System.Globalization;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Host;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Benchmarks;

/// <summary>A company of 1,000 people in 5 levels of departments and its customers, made once and kept.</summary>
internal sealed class BenchCrm : IAsyncDisposable
{
    private static readonly string[] Cities = ["深圳", "广州", "上海", "北京", "杭州", "苏州", "成都", "武汉", "南京", "青岛"];
    private static readonly string[] Trades = ["科技", "电子", "贸易", "实业", "信息技术", "机械制造"];
    /// <summary>Customers in one transaction: their dates lie everywhere in the indexes, and each page is written once for all.</summary>
    private const int Commit = 100_000;
    private const string Syllables = "华创远东方鼎盛宏图恒瑞天成金鑫嘉美联合中正大同新世纪博通锐达飞跃龙腾祥云海纳百川瑞丰泰和康宁德信诚义广源立信卓越";

    private BenchCrm(WebApplication app, string data) => (App, Data, Root) = (app, data, app.Services.GetAutofacRoot());

    public WebApplication App { get; }
    public string Data { get; }
    public ILifetimeScope Root { get; }
    public Engine Engine => Root.Resolve<Engine>();
    /// <summary>Has 500 customers.</summary>
    public long Seller { get; private set; }
    /// <summary>Has about 150 people below.</summary>
    public long Manager { get; private set; }
    public long Boss { get; private set; }
    public IReadOnlyList<long> ManagersDepartments { get; private set; } = [];

    public static async Task<BenchCrm> Open(string engine, string data, string connection, int rows)
    {
        Directory.CreateDirectory(data);
        var app = Application.Build(["--Engine", engine, "--Data", data, "--Connection", connection, "--Dispatch", "off", "--Logging:LogLevel:Default", "Warning", "--Api:RequestsPerMinute", "1000000000", "--urls", "http://127.0.0.1:5190"]);
        await Application.Prepare(app);
        var crm = new BenchCrm(app, data);
        await crm.People();
        await crm.Customers(rows);
        await app.StartAsync();
        return crm;
    }

    /// <summary>Runs a question in a scope of its own, as that user.</summary>
    public async Task<T> Ask<T>(long user, IRequest<T> question)
    {
        await using var scope = Root.BeginLifetimeScope();
        scope.Resolve<Caller>().ActAs(user, "bench");
        return await scope.Resolve<IMediator>().Send(question);
    }

    /// <summary>As companies are called: city, stem of so many characters, trade, a number that tells them apart.</summary>
    public static string CompanyName(Random random, int characters, string? stem = null) =>
        $"{Cities[random.Next(10)]}{stem ?? string.Concat(Enumerable.Range(0, characters).Select(_ => Syllables[random.Next(Syllables.Length)]))}{Trades[random.Next(6)]}{random.Next(1000):000}有限公司";

    private async Task People()
    {
        var organization = Root.Resolve<Caches>().Organization;
        if (organization.People.Count < 900)
        {
            var parents = new List<long> { organization.Departments[0].Id };
            foreach (var (level, width) in new[] { 7, 4, 3, 2 }.Select((w, i) => (i, w)))
            {
                var drafts = parents.SelectMany(p => Enumerable.Range(0, width).Select(i => Draft(("name", $"部门{level}-{p}-{i}"), ("parentId", p)))).ToList();
                parents = [.. (await Create("department", drafts)).Select(d => d.Id)];
            }
            var users = await Create("user", [.. Enumerable.Range(1, 1000).Select(i => Draft(("name", $"员工{i}"), ("login", $"u{i}"), ("homeId", parents[i % parents.Count])))]);
            var roles = Root.Resolve<Caches>().Organization.Roles;
            await Unit(db => db.Insert("settings.person_role", ["person_id", "role_id"], users.Select((u, i) => new object?[] { u.Id, roles.First(r => r.Name == (i == 0 ? "总经理" : i == 1 ? "销售经理" : "销售代表")).Id })));
            // The manager sits in a department of the second level: about 150 people work there and below.
            var second = organization.Departments[0].Id;
            var region = Root.Resolve<Caches>().Organization.Departments.First(d => d.ParentId == second).Id;
            await Unit(db => db.Execute($"update settings.person set home_id = {region} where id = {users[1].Id} and {Sql.Trusted($"{Sql.Guard}user{Sql.Guard}")} 1 = 1"));
            Root.Resolve<Caches>().Drop(Cached.Organization);
        }
        organization = Root.Resolve<Caches>().Organization;
        (Boss, Manager, Seller) = (organization.People.First(p => p.Login == "u1").Id, organization.People.First(p => p.Login == "u2").Id, organization.People.First(p => p.Login == "u3").Id);
        ManagersDepartments = organization.DepartmentAndBelow(organization.Person(Manager)!.DepartmentId!.Value);
        Console.WriteLine($"manager: {organization.People.Count(p => p.DepartmentId is { } d && ManagersDepartments.Contains(d))} people in {ManagersDepartments.Count} departments");
    }

    private async Task Customers(int rows)
    {
        var there = await new Db(Engine).First<long>($"select count(*) from customers.customer c where {Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}")} 1 = 1");
        if (there >= rows * 9L / 10) return;
        var random = new Random(2026);
        var owners = Root.Resolve<Caches>().Organization.People.Where(p => p.Login.StartsWith('u') && p.Id != Seller && p.Id != Boss && p.Id != Manager).ToList();
        var (began, names) = (DateTime.UtcNow, new HashSet<string>());
        string Fresh(string? stem)
        {
            while (true)
            {
                var name = CompanyName(random, random.Next(2, 5), stem);
                if (names.Add(name)) return name;
            }
        }
        for (var done = 0; done < rows;)
        {
            var drafts = new List<Draft>();
            for (; drafts.Count < Commit && done < rows; done++)
            {
                var owner = done < 500 ? Seller : owners[random.Next(owners.Count)].Id;
                drafts.Add(Draft(("name", Fresh(done % (rows / 10) == 0 ? "麒麟瑞兽" : null)), ("ownerId", owner), ("phone", $"0755-{random.Next(20000000, 89999999)}"), ("level", "ABC"[random.Next(3)].ToString()), ("customerType", "direct"),
                    ("createdAt", DateTime.UtcNow.AddMinutes(-random.Next(1_000_000))), ("updatedAt", DateTime.UtcNow.AddMinutes(-random.Next(1_000_000)))));
            }
            await Create("customer", drafts);
            if (done % 100_000 == 0) Console.WriteLine($"{done:N0} customers, {done / (DateTime.UtcNow - began).TotalSeconds:N0} a second");
        }
        if (Engine.Name == "postgres") await Unit(db => db.Execute($"analyze;"));
    }

    private async Task<IReadOnlyList<Document>> Create(string type, List<Draft> drafts)
    {
        await using var scope = Root.BeginLifetimeScope();
        scope.Resolve<Caller>().ActAsSystem("bench");
        var store = scope.Resolve<Stores>().Of(Root.Resolve<ModuleCatalog>().Document(type));
        return await scope.Resolve<Db>().Unit(async () =>
        {
            var made = new List<Document>();
            if (Engine.Name == "sqlite") await scope.Resolve<Db>().Execute($"pragma cache_size = -4000000");
            foreach (var some in drafts.Chunk(5000))
            {
                var changes = await store.Prepare(some, new DraftKind(Imported: true, System: true), default);
                var bad = changes.FirstOrDefault(c => c.Errors.Count > 0);
                if (bad is not null && type != "customer") throw new InvalidOperationException(bad.Errors[0].Message);
                var good = changes.Where(c => c.Errors.Count == 0).ToList();
                await store.Write(good, default);
                made.AddRange(good.Select(c => c.Record));
            }
            // The connection is used again: what is measured has the product's.
            if (Engine.Name == "sqlite") await scope.Resolve<Db>().Execute($"pragma cache_size = -163840");
            return (IReadOnlyList<Document>)made;
        });
    }

    private async Task Unit<T>(Func<Db, T> work) where T : Task
    {
        await using var scope = Root.BeginLifetimeScope();
        var db = scope.Resolve<Db>();
        await db.Unit(async () => { await work(db); return 0; });
    }

    private static Draft Draft(params (string Name, object? Value)[] values) => new(null, 0, values.ToDictionary(v => v.Name, v => v.Value));

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
