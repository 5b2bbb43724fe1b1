using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Demo;

/// <summary>3,000 customers of the demo company with their contacts, spread over its sales people and the last year and a half.</summary>
internal sealed class DemoCustomers(IOrganization organization, IDictionaries dictionaries, IDocuments<Customer> customers, IDocuments<Contact> contacts, IDb db, IScope scope, TimeProvider clock) : ISeed
{
    private const int Count = 3_000;
    private static readonly string[] Forms = ["有限公司", "科技有限公司", "股份有限公司", "实业有限公司", "电子有限公司", "贸易有限公司", "信息技术有限公司", "机械制造有限公司"];
    private const string Surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯";
    private const string Given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚英华萍红梅波斌宇浩凯婷";
    private static readonly string[] Posts = ["总经理", "采购经理", "技术总监", "信息中心主任", "财务主管", "项目经理", "行政主管", "董事长"];

    public int Order => 50;

    public async Task Demo(CancellationToken ct)
    {
        if (await db.First<long>($"select count(*) from (select 1 as one from customers.customer c where {scope.All("customer", "are there any yet")} order by c.id {db.Dialect.Page(100)}) x", ct) >= 100) return;
        var random = new Random(2026);
        var owners = organization.People.Where(p => p.Enabled && p.Login != "admin").ToList();
        var sellers = owners.Where(p => p.RoleIds.Any(id => organization.Roles.Any(r => r.Id == id && r.Name is "销售代表" or "销售经理"))).ToList();
        if (sellers.Count == 0) sellers = [.. organization.People.Where(p => p.Enabled)];
        var cities = dictionaries.Find("region")!.Entries.Where(e => e.Parent is not null).ToList();
        var made = new List<Customer>(Count);
        foreach (var stem in Names().Take(Count))
        {
            var city = random.Next(3) == 0 ? cities[random.Next(cities.Count)] : cities.Where(c => c.Label is "深圳" or "广州" or "上海市" or "北京市" or "杭州" or "苏州" or "成都" or "武汉").ElementAt(random.Next(8));
            var owner = sellers[random.Next(sellers.Count)];
            var created = clock.GetUtcNow().UtcDateTime.AddDays(-random.Next(1, 540)).AddMinutes(-random.Next(1440));
            var updated = created.AddDays(random.NextDouble() * (clock.GetUtcNow().UtcDateTime - created).TotalDays);
            made.Add(new Customer
            {
                Name = $"{city.Label.TrimEnd('市')}{stem}{Forms[random.Next(Forms.Length)]}",
                ShortName = stem,
                Nature = Customer.Company,
                CustomerType = Code("customer.type", random, 4),
                TradeRole = "customer",
                Level = random.Next(10) switch { 0 => "A", < 5 => "B", _ => "C" },
                Status = Code("customer.status", random, 6),
                Industry = Code("industry", random, 60),
                Source = Code("customer.source", random, 10),
                Region = city.Code,
                Phone = $"0{random.Next(20, 30)}-{random.Next(20000000, 89999999)}",
                OwnerId = owner.Id,
                DepartmentId = owner.DepartmentId,
                CreatedBy = owner.Id,
                UpdatedBy = owner.Id,
                CreatedAt = created,
                UpdatedAt = updated,
                PriceKind = "retail",
            });
        }
        await customers.CreateMany([.. made.DistinctBy(c => CompanyName.Normalize(c.Name))], ct);
        await contacts.CreateMany([.. made.Where(c => c.Id != 0).SelectMany(c => Enumerable.Range(0, random.Next(1, 3)).Select(i => Person(c, random)))], ct);
    }

    private string Code(string dictionary, Random random, int first)
    {
        var entries = dictionaries.Find(dictionary)!.Entries;
        return entries[random.Next(Math.Min(first, entries.Count))].Code;
    }

    private static Contact Person(Customer c, Random random) => new()
    {
        Name = $"{Surnames[random.Next(Surnames.Length)]}{Given[random.Next(Given.Length)]}{(random.Next(2) == 0 ? Given[random.Next(Given.Length)].ToString() : "")}",
        EmployerId = c.Id,
        Post = Posts[random.Next(Posts.Length)],
        Gender = random.Next(2) == 0 ? "male" : "female",
        Mobile = $"13{random.Next(100, 999)}{random.Next(100000, 999999)}",
        Role = random.Next(3) == 0 ? "decider" : "handler",
        OwnerId = c.OwnerId,
        DepartmentId = c.DepartmentId,
        CreatedBy = c.CreatedBy,
        UpdatedBy = c.UpdatedBy,
        CreatedAt = c.CreatedAt,
        UpdatedAt = c.UpdatedAt,
    };

    private static IEnumerable<string> Names()
    {
        using var reader = new StreamReader(typeof(DemoCustomers).Assembly.GetManifestResourceStream("KuaipuCrm.Customers.Demo.names.txt")!);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#') yield return line;
    }
}
