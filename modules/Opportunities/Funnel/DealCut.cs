using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Funnel;

/// <summary>Which opportunities a board, a funnel or a forecast is about; the scope always stands beside it.</summary>
/// <param name="Kind">Null: all types.</param>
/// <param name="By">The period counts by <c>created</c> or <c>sign</c> (预签日期).</param>
/// <param name="DepartmentId">With all below it.</param>
internal sealed record DealCut(string? Kind, DateOnly? From = null, DateOnly? To = null, string By = DealCut.Created, long? DepartmentId = null, long? OwnerId = null)
{
    /// <summary>By <c>closed</c> (结束时间) is asked by the module itself.</summary>
    public const string Created = "created", Sign = "sign", Closed = "closed";

    /// <exception cref="Invalid">No such type or period.</exception>
    public DealCut Checked()
    {
        if (Kind is not null && Opportunity.Kinds.All(k => k.Code != Kind)) throw new Invalid("kind", "没有这种商机类型。");
        if (By is not (Created or Sign)) throw new Invalid("by", "时间段按 created（创建时间）或 sign（预签日期）。");
        if (From?.Year is < 1900 or > 2199 || To?.Year is < 1900 or > 2199) throw new Invalid("from", "时间段须在 1900 年到 2199 年之间。");
        if (To < From) throw new Invalid("to", "时间段须从早到晚。");
        return this;
    }

    /// <summary>The condition on rows of the alias.</summary>
    /// <param name="aside">The period is tested on the way, not looked up: sums go through an index that has what they sum.</param>
    public Sql Where(string alias, IDialect dialect, IOrganization organization, IWorkCalendar calendar, bool aside = false)
    {
        Sql Column(string name) => aside && (name is "created_at" or "sign_date") ? dialect.Aside(Sql.Trusted($"{alias}.{name}")) : Sql.Trusted($"{alias}.{name}");
        var parts = new List<Sql> { $"{Column("deleted_at")} is null" };
        if (Kind is not null) parts.Add($"{Column("kind")} = {Kind}");
        var at = Column(By == Closed ? "closed_at" : "created_at");
        if (From is { } from) parts.Add(By == Sign ? $"{Column("sign_date")} >= {from}" : (Sql)$"{at} >= {calendar.Utc(from)}");
        if (To is { } to) parts.Add(By == Sign ? $"{Column("sign_date")} <= {to}" : (Sql)$"{at} < {calendar.Utc(to.AddDays(1))}");
        if (DepartmentId is { } department) parts.Add(dialect.In(Column("department_id"), [.. organization.DepartmentAndBelow(department)]));
        if (OwnerId is { } owner) parts.Add($"{Column("owner_id")} = {owner}");
        return Sql.Join(" and ", parts);
    }

    /// <summary>The address of the list that shows the same rows.</summary>
    /// <param name="more">Further conditions; an empty value: where the field is empty.</param>
    public string Url(IOrganization organization, params (string Field, string Value)[] more)
    {
        static string Day(DateOnly d) => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);
        var period = By switch { Sign => "signDate", Closed => "closedAt", _ => "createdAt" };
        var filters = new List<string>();
        if (Kind is not null) filters.Add($"kind~Is~{Kind}");
        if (From is { } from) filters.Add($"{period}~From~{Day(from)}");
        if (To is { } to) filters.Add($"{period}~To~{Day(to)}");
        if (DepartmentId is { } department) filters.Add($"departmentId~In~{string.Join('|', organization.DepartmentAndBelow(department).Select(Id))}");
        if (OwnerId is { } owner) filters.Add($"ownerId~Is~{Id(owner)}");
        filters.AddRange(more.Select(m => m.Value.Length == 0 ? $"{m.Field}~Empty~" : $"{m.Field}~Is~{m.Value}"));
        return "/opportunities/opportunities?" + string.Join('&', filters.Select(f => "f=" + Uri.EscapeDataString(f)));
    }
}
