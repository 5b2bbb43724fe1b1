using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers.Duplicates;

/// <summary>A customer that may be the same; only what everyone may know: name and owner.</summary>
/// <param name="Exact">The name or the credit code is the same, not only alike.</param>
public sealed record Duplicate(long Id, string Name, string? Owner, string Reason, bool Exact);

/// <summary>Finds customers that are there already, whoever owns them (CUS-4). Works on batches: one look for a thousand rows.</summary>
internal sealed class DuplicateFinder(IDb db, IScope scope, IOrganization organization)
{
    public const string WarningCode = "duplicate";
    private const string Why = "a duplicate is found whoever owns it; only name and owner are told";

    /// <summary>Refuses or warns: the same credit code is refused; names, phones and domains are asked about, and refused in an import.</summary>
    public async Task Check(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        var asked = changes.Where(c => c.Kind == ChangeKind.Create || c.Before!.Name != c.Now.Name || c.Before.CreditCode != c.Now.CreditCode || c.Before.Phone != c.Now.Phone || c.Before.Domain != c.Now.Domain).ToList();
        if (asked.Count == 0) return;
        OnceEach(asked);
        var hits = await Find([.. asked.Select(c => c.Now)], withContactData: !asked[0].Imported, ct);
        foreach (var c in asked)
        {
            var mine = hits[c.Now].ToList();
            if (mine.FirstOrDefault(h => h.Reason == "统一社会信用代码相同") is { } same)
                c.Refuse("creditCode", $"统一社会信用代码与客户“{same.Name}”（负责人：{same.Owner ?? "无"}）相同。");
            else if (mine.Count > 0 && c.Imported)
                c.Refuse("name", $"与已有客户“{mine[0].Name}”（负责人：{mine[0].Owner ?? "无"}）重复：{mine[0].Reason}。");
            else if (mine.Count > 0)
                c.Warn(WarningCode, "name", $"已有 {mine.Count} 个相同或相似的客户，请确认不是重复录入。", [.. mine.Select(h => $"{h.Name}（负责人：{h.Owner ?? "无"}）— {h.Reason}")]);
        }
    }

    /// <summary>A customer does not come back beside another of its credit code.</summary>
    public async Task CheckBack(IReadOnlyList<Change<Customer>> restored, CancellationToken ct)
    {
        var coded = restored.Where(c => c.Now.CreditCode is not null).ToList();
        if (coded.Count == 0) return;
        OnceEach(coded);
        var there = (await Rows([.. coded.Select(c => c.Now.CreditCode!).Distinct()], "c.credit_code", ct)).ToLookup(r => r.CreditCode);
        foreach (var c in coded)
            if (there[c.Now.CreditCode].FirstOrDefault(r => r.Id != c.Now.Id) is { } same)
                c.Refuse("", $"统一社会信用代码与客户“{same.Name}”（负责人：{(same.OwnerId is { } o ? organization.Person(o)?.Name : null) ?? "无"}）相同，不能恢复。");
    }

    /// <summary>Of those that are saved together the first has the code.</summary>
    private static void OnceEach(IReadOnlyList<Change<Customer>> together)
    {
        foreach (var group in together.Where(c => c.Now.CreditCode is not null).GroupBy(c => c.Now.CreditCode))
            foreach (var c in group.Skip(1)) c.Refuse("creditCode", $"统一社会信用代码与同时保存的客户“{group.First().Now.Name}”相同。");
    }

    /// <summary>What may be the same as each of the customers, themselves left out.</summary>
    /// <param name="withContactData">Also by phone, domain and sound, which are to be looked at by a person; an import of thousands of branches with one switchboard would drown in them.</param>
    public async Task<ILookup<Customer, Duplicate>> Find(IReadOnlyList<Customer> customers, bool withContactData, CancellationToken ct)
    {
        var found = new List<(Customer Of, Duplicate Hit)>();
        var keys = customers.Select(c => c.NameKey).Where(k => k is { Length: >= 2 }).Distinct().ToList();
        var codes = customers.Select(c => c.CreditCode).OfType<string>().Distinct().ToList();
        var byKey = await Rows(keys!, "c.name_key", ct);
        var byCode = codes.Count == 0 ? [] : await Rows(codes, "c.credit_code", ct);
        var byDomain = withContactData && customers.Select(c => c.Domain).OfType<string>().Distinct().ToList() is { Count: > 0 } domains ? await Rows(domains, "c.domain", ct) : [];
        var byPhone = withContactData && customers.Select(c => c.Phone).OfType<string>().Distinct().ToList() is { Count: > 0 } phones ? await Rows(phones, "c.phone", ct) : [];
        var bySound = withContactData && customers.Select(c => c.NameSound).OfType<string>().Distinct().ToList() is { Count: > 0 } sounds ? await Rows(sounds, "c.name_sound", ct) : [];
        var (names, credit, domain, phone, sound) = (byKey.ToLookup(r => r.NameKey), byCode.ToLookup(r => r.CreditCode), byDomain.ToLookup(r => r.Domain), byPhone.ToLookup(r => r.Phone), bySound.ToLookup(r => r.NameSound));
        foreach (var c in customers)
        {
            var seen = new HashSet<long> { c.Id };
            if (c.CreditCode is { } code) Add(credit[code], "统一社会信用代码相同", true);
            if (c.NameKey is { Length: >= 2 } key)
            {
                Add(names[key].Where(r => r.Name == c.Name), "名称相同", true);
                Add(names[key], "名称相似", false);
            }
            if (c.Phone is { } p) Add(phone[p], "电话相同", false);
            if (c.Domain is { } d) Add(domain[d], "网址或邮箱域名相同", false);
            if (c.NameSound is { } s) Add(sound[s], "名称读音相同", false);
            void Add(IEnumerable<Row> rows, string reason, bool exact)
            {
                foreach (var r in rows.Take(10))
                    if (seen.Add(r.Id)) found.Add((c, new Duplicate(r.Id, r.Name, r.OwnerId is { } o ? organization.Person(o)?.Name : null, reason, exact)));
            }
        }
        return found.ToLookup(f => f.Of, f => f.Hit);
    }

    private Task<IReadOnlyList<Row>> Rows(IReadOnlyCollection<string> values, string column, CancellationToken ct) =>
        values.Count == 0 ? Task.FromResult<IReadOnlyList<Row>>([]) : db.Query<Row>($"""
            select c.id, c.name, c.owner_id, c.name_key, c.credit_code, c.domain, c.phone, c.name_sound from customers.customer c
            where {db.Dialect.In(Sql.Trusted(column), values)} and c.deleted_at is null and {scope.All("customer", Why)}
            """, ct);

    private sealed record Row(long Id, string Name, long? OwnerId, string? NameKey, string? CreditCode, string? Domain, string? Phone, string? NameSound);
}

/// <summary>The duplicate check while typing (CUS-4): what is there already, whoever owns it, told by name and owner only.</summary>
[Action("客户查重", "customers.customers.create", Route = "customers/duplicates", Help = "按名称、信用代码、电话、网址或邮箱的域名查找可能相同的客户，不论由谁负责；只给出名称和负责人。")]
public sealed record FindDuplicates(string? Name, string? CreditCode = null, string? Phone = null, string? Website = null, long? Except = null, string? Email = null) : IQuery<IReadOnlyList<Duplicate>>;

internal sealed class FindDuplicatesHandler(IDb db, IScope scope, IOrganization organization, DuplicateFinder finder) : IQueryHandler<FindDuplicates, IReadOnlyList<Duplicate>>
{
    public async Task<IReadOnlyList<Duplicate>> Handle(FindDuplicates query, CancellationToken ct)
    {
        var name = TextNorm.Clean(query.Name ?? "");
        if (name.Length > 100) name = name[..100];
        var probe = new Customer { Id = query.Except ?? 0, Name = name, NameKey = CompanyName.Normalize(name), NameSound = CompanyName.Sound(CompanyName.Normalize(name)), CreditCode = query.CreditCode is { Length: > 0 } code ? CreditCode.Normalize(code) : null, Phone = query.Phone is { Length: > 0 } phone ? TextNorm.Clean(phone) : null, Domain = CustomerRules.Domain(query.Website) ?? CustomerRules.Domain(query.Email) };
        var found = (await finder.Find([probe], withContactData: true, ct))[probe].ToList();
        if (probe.NameKey is not { Length: >= 4 } key || found.Count >= 5) return found;
        // The key is indexed: names that begin alike (深圳大疆创新 … 深圳大疆创新科技) are found by a range.
        var rows = await db.Query<Near>($"""
            select c.id, c.name, c.owner_id from customers.customer c
            where c.name_key >= {key} and c.name_key < {key + '\uFFFF'} and c.deleted_at is null and {scope.All("customer", "a duplicate is found whoever owns it; only name and owner are told")}
            order by c.name_key, c.id {db.Dialect.Page(6)}
            """, ct);
        found.AddRange(rows.Where(r => r.Id != probe.Id && found.All(f => f.Id != r.Id)).Select(r => new Duplicate(r.Id, r.Name, r.OwnerId is { } o ? organization.Person(o)?.Name : null, "名称开头相同", false)));
        return [.. found.Take(10)];
    }

    private sealed record Near(long Id, string Name, long? OwnerId);
}

/// <summary>The same check as lines for the form.</summary>
[Action("客户查重", "customers.customers.read")]
public sealed record DescribeDuplicates(string? Name, string? CreditCode, string? Phone, string? Website, string? Email, long? Except) : IQuery<IReadOnlyList<string>>;

internal sealed class DescribeDuplicatesHandler(IQueryHandler<FindDuplicates, IReadOnlyList<Duplicate>> finder) : IQueryHandler<DescribeDuplicates, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Handle(DescribeDuplicates query, CancellationToken ct) =>
        [.. (await finder.Handle(new FindDuplicates(query.Name, query.CreditCode, query.Phone, query.Website, query.Except, query.Email), ct)).Select(d => $"{d.Name}（负责人：{d.Owner ?? "无"}）— {d.Reason}")];
}
