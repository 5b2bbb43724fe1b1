using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Company;

/// <summary>The company of this account set, as the settings page shows it (SET-17).</summary>
/// <param name="WorkDays">Days of the week that are worked, 1 Monday to 7 Sunday, e.g. <c>1,2,3,4,5</c>.</param>
/// <param name="Logo">A data URL of a small picture.</param>
public sealed record CompanyProfile(string Name, string TimeZone, string Currency, string? Logo, string? Phone, string? Address, string? CreditCode, string WorkDays, IReadOnlyList<Holiday> Holidays);

/// <summary>A day that differs from the week: a holiday, or a make-up day that is worked (调休).</summary>
public sealed record Holiday(DateOnly Day, string Name, bool Working);

internal sealed class LoadCompanyHandler(IDb db) : IQueryHandler<LoadCompany, CompanyData>
{
    public async Task<CompanyData> Handle(LoadCompany query, CancellationToken ct)
    {
        if (await db.First<Row>($"select name, time_zone, currency, logo, phone, address, credit_code, work_days from settings.company where id = 1", ct) is not { } c) return new("未命名公司", "Asia/Shanghai", "CNY", null);
        var days = await db.Query<DayRow>($"select day, working from settings.holiday", ct);
        return new(c.Name, c.TimeZone, c.Currency, c.Logo)
        {
            Phone = c.Phone,
            Address = c.Address,
            CreditCode = c.CreditCode,
            // 1 Monday to 7 Sunday.
            WorkDays = [.. c.WorkDays.Split(',').Select(d => (DayOfWeek)(int.Parse(d, System.Globalization.CultureInfo.InvariantCulture) % 7))],
            Exceptions = days.ToDictionary(d => DateOnly.Parse(d.Day, System.Globalization.CultureInfo.InvariantCulture), d => d.Working),
        };
    }

    private sealed record Row(string Name, string TimeZone, string Currency, string? Logo, string? Phone, string? Address, string? CreditCode, string WorkDays);
    private sealed record DayRow(string Day, bool Working);
}

/// <summary>The company's data.</summary>
[Action("公司资料", SettingsModule.ReadCompany, Route = "company", Help = "公司名称、时区、工作日等。")]
public sealed record GetCompany : IQuery<CompanyProfile>;

internal sealed class GetCompanyHandler(IDb db) : IQueryHandler<GetCompany, CompanyProfile>
{
    public async Task<CompanyProfile> Handle(GetCompany query, CancellationToken ct)
    {
        var c = await db.First<Row>($"select name, time_zone, currency, logo, phone, address, credit_code, work_days from settings.company where id = 1", ct) ?? throw new NotFound("公司资料");
        var days = await db.Query<DayRow>($"select day, name, working from settings.holiday order by day", ct);
        return new(c.Name, c.TimeZone, c.Currency, c.Logo, c.Phone, c.Address, c.CreditCode, c.WorkDays, [.. days.Select(d => new Holiday(DateOnly.Parse(d.Day, System.Globalization.CultureInfo.InvariantCulture), d.Name, d.Working))]);
    }

    private sealed record Row(string Name, string TimeZone, string Currency, string? Logo, string? Phone, string? Address, string? CreditCode, string WorkDays);
    private sealed record DayRow(string Day, string Name, bool Working);
}

/// <summary>Sets the company's data; the time zone decides what a business day is.</summary>
[Action("修改公司资料", SettingsModule.ManageCompany, Route = "company", Help = "修改公司资料；时区决定业务日期。",
    Example = "{\"name\":\"示例公司\",\"timeZone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"workDays\":\"1,2,3,4,5\",\"holidays\":[]}")]
public sealed record SetCompany(
    [Label("公司名称"), Required, MaxLength(100)] string Name, [Label("时区"), Required] string TimeZone, [Label("本位币"), Required, StringLength(3, MinimumLength = 3)] string Currency,
    [Label("标志"), MaxLength(200_000)] string? Logo, [Label("电话"), MaxLength(30)] string? Phone, [Label("地址"), MaxLength(200)] string? Address, [Label("统一社会信用代码"), MaxLength(18)] string? CreditCode,
    string WorkDays, IReadOnlyList<Holiday> Holidays) : ICommand<Done>;

internal sealed class SetCompanyHandler(IDb db, IChanged changed) : ICommandHandler<SetCompany, Done>
{
    public async Task<Done> Handle(SetCompany c, CancellationToken ct)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(c.TimeZone, out _)) throw new Invalid("timeZone", "没有这个时区。");
        if (c.Logo is { } logo && !(logo.StartsWith("data:image/png;base64,", StringComparison.Ordinal) || logo.StartsWith("data:image/jpeg;base64,", StringComparison.Ordinal)))
            throw new Invalid("logo", "标志只能是 PNG 或 JPEG 图片。");
        if (c.WorkDays.Split(',').Any(d => d is not ("1" or "2" or "3" or "4" or "5" or "6" or "7"))) throw new Invalid("workDays", "请至少选择一个工作日。");
        await db.Execute($"""
            update settings.company set name = {c.Name.Trim()}, time_zone = {c.TimeZone}, currency = {c.Currency.ToUpperInvariant()}, logo = {c.Logo}, phone = {c.Phone}, address = {c.Address},
                credit_code = {c.CreditCode}, work_days = {c.WorkDays} where id = 1
            """, ct);
        await db.Execute($"delete from settings.holiday", ct);
        await db.Insert("settings.holiday", ["day", "name", "working"], c.Holidays.DistinctBy(h => h.Day).Select(h => new object?[] { h.Day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), h.Name.Length > 40 ? h.Name[..40] : h.Name, h.Working }), ct);
        changed.Mark(Cached.Company);
        return default;
    }
}
