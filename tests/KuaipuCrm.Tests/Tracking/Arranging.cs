using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Tracking.Seller;

namespace KuaipuCrm.Tests.Tracking;

/// <summary>The next contact: one a contact, proposed by the frequency, put to another time, in the calendar.</summary>
public class Arranging
{
    [Theory, OnEveryEngine, Trait("req", "TRK-3")]
    public async Task A_new_appointment_with_a_contact_says_that_there_is_one_and_takes_its_place(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer(Crm.Name("预约客户"));
        var (zhang, wang) = (await li.Contact(Crm.Name("张"), new { employerId = customer }), await li.Contact(Crm.Name("王"), new { employerId = customer }));
        await li.Contacted(customer, zhang, next: DateTime.UtcNow.AddDays(5), confirm: false);
        // Another contact has one of its own.
        await li.Contacted(customer, wang, next: DateTime.UtcNow.AddDays(6), confirm: false);
        var told = (await li.Write(customer, zhang, next: DateTime.UtcNow.AddDays(8))).Is(409);
        Assert.Contains("appointment", told.Text);
        Assert.Contains(li.Name, told.Text);
        Assert.Equal(2, (await li.Track(customer)).GetProperty("contacts").GetInt64());
        var record = await li.Contacted(customer, zhang, next: DateTime.UtcNow.AddDays(8));
        var open = await li.Open(customer);
        Assert.Equal(2, open.Count);
        Assert.Equal(DateTime.UtcNow.AddDays(8), open.Single(a => a.GetProperty("contactId").GetInt64() == zhang).GetProperty("at").GetDateTime(), TimeSpan.FromMinutes(1));
        Assert.Single(await li.Rows($"{Appointments}?customerId={customer}&state=replaced&columns=at"));
        Assert.Equal(DateTime.UtcNow.AddDays(6), (await li.Track(customer)).GetProperty("nextAt").GetDateTime(), TimeSpan.FromMinutes(1));
        // Entered by hand it is no different.
        (await li.Post(Appointments, new { customerId = customer, contactId = zhang, at = DateTime.UtcNow.AddDays(1) })).Is(409);
        // Who may not see it is told whose it is, instead of being asked a question that can't be answered.
        var reader = await crm.Hire(Rights);
        (await crm.Admin.Post($"/api/platform/documents/customer/{customer}/shares", new { users = new[] { reader.Id }, departments = Array.Empty<long>(), kinds = Array.Empty<string>() })).Ok();
        Assert.Contains(li.Name, (await reader.Post($"{Tracks}/{customer}/reschedule", new { at = DateTime.UtcNow.AddDays(9) })).Refused(422).Detail);
        // A record that turns out to be about the other contact takes its appointment there, and says what it replaces.
        var version = (await li.Get($"{Records}/{record}")).Ok().Json.GetProperty("version").GetInt64();
        Assert.Contains("appointment", (await li.Patch($"{Records}/{record}", new { contactId = wang, version })).Is(409).Text);
        (await li.Patch($"{Records}/{record}", new { contactId = wang, version, confirmed = new[] { "appointment" } })).Ok();
        Assert.Equal(wang, (await li.Open(customer)).Single().GetProperty("contactId").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-3")]
    public async Task However_many_write_at_once_one_appointment_stays_open_and_none_is_replaced_untold(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer(Crm.Name("并发预约"));
        var contact = await li.Contact(Crm.Name("众人所约"), new { employerId = customer });
        var answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(i => li.Write(customer, contact, next: DateTime.UtcNow.AddDays(i))));
        Assert.All(answers, a => Assert.Contains((int)a.Status, new[] { 200, 201, 409 }));
        Assert.Equal(1, answers.Count(a => (int)a.Status is 200 or 201));
        Assert.Single(await li.Open(customer));
        // Confirmed, each takes the place of the one before.
        answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(i => li.Write(customer, contact, next: DateTime.UtcNow.AddDays(i), confirm: true)));
        Assert.All(answers, a => Assert.Contains((int)a.Status, new[] { 200, 201 }));
        Assert.Single(await li.Open(customer));
        var track = await li.Track(customer);
        Assert.Equal(41, track.GetProperty("contacts").GetInt64());
        Assert.Equal((await li.Open(customer))[0].GetProperty("at").GetDateTime(), track.GetProperty("nextAt").GetDateTime());
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from tracking.open_appointment where customer_id = {customer}"));
        Assert.Equal(40, (await li.Rows($"{Appointments}?customerId={customer}&state=replaced&columns=at&take=100")).Count);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-3"), Trait("req", "TRK-7")]
    public async Task A_contact_fulfils_what_was_due_leaves_what_is_later_and_can_be_put_off(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 4, 15, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer("改期客户有限公司");
        DateTime Now() => clock.GetUtcNow().UtcDateTime;
        await li.Contacted(customer, next: Now().AddHours(5));
        clock.Advance(TimeSpan.FromHours(2));
        // Earlier the same day: that was it. No next one was agreed.
        var record = await li.Contacted(customer);
        Assert.Empty(await li.Open(customer));
        var done = (await li.Rows($"{Appointments}?customerId={customer}&state=done&columns=doneById")).Single();
        Assert.Equal(record, done.GetProperty("doneById").GetInt64());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await li.Track(customer)).GetProperty("nextAt").ValueKind);
        (await li.Post($"{Tracks}/{customer}/reschedule", new { at = Now().AddDays(-1) })).Refused(400);
        var id = (await li.Post($"{Tracks}/{customer}/reschedule", new { at = Now().AddDays(3), subject = "送样品" })).Ok().Json.GetInt64();
        await li.Contacted(customer);
        Assert.Equal("送样品", (await li.Open(customer)).Single().GetProperty("subject").GetString());
        Assert.Equal(id, (await li.Post($"{Tracks}/{customer}/reschedule", new { at = Now().AddDays(7) })).Ok().Json.GetInt64());
        Assert.Equal(Now().AddDays(7), (await li.Track(customer)).GetProperty("nextAt").GetDateTime());
        // Dragged in the calendar: by version, and never when it is over.
        var version = (await li.Get($"{Appointments}/{id}")).Ok().Json.GetProperty("version").GetInt64();
        (await li.Patch($"{Appointments}/{id}", new { at = Now().AddDays(2), version = version - 1 })).Is(409);
        (await li.Patch($"{Appointments}/{id}", new { at = Now().AddDays(2), version })).Ok();
        (await li.Post($"{Appointments}/{id}/cancel", new { })).Ok();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await li.Track(customer)).GetProperty("nextAt").ValueKind);
        (await li.Patch($"{Appointments}/{id}", new { at = Now().AddDays(2), version = version + 2 })).Refused(400);
        (await li.Post($"{Appointments}/{id}/cancel", new { })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-2"), Trait("req", "TRK-12"), Trait("req", "SET-9"), Trait("req", "SET-17")]
    public async Task The_next_contact_is_proposed_by_frequency_on_a_working_day_with_room(string engine)
    {
        // Monday, 20 April 2026, 10:15 in Shanghai.
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 4, 20, 2, 15, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Rights);
        (await crm.Admin.Post("/api/tracking/follow-up", new { capacity = 2, silentDays = 15, deciderDays = 30, frequencies = new object[] { new { kind = "key", days = new[] { 2 } }, new { kind = "type:direct", days = new[] { 5, 8, 11 } }, new { kind = "*", days = new[] { 30 } } } })).Ok();
        // 1 to 5 May is a holiday; Saturday, 9 May is worked instead.
        (await crm.Admin.Post("/api/settings/company", new { name = "示例公司", timeZone = "Asia/Shanghai", currency = "USD", creditCode = "91440300708461136T", workDays = "1,2,3,4,5", holidays = Enumerable.Range(1, 5).Select(d => new { day = $"2026-05-0{d}", name = "劳动节", working = false }).Append(new { day = "2026-05-09", name = "调休", working = true }) })).Ok();
        // Its currency and code stand on paper and in templates.
        (await crm.Admin.Post("/api/platform/fields", new { documentType = "customer", label = "保证金", kind = "Money", name = "x_deposit" })).Ok();
        var paper = (await crm.Admin.Get($"/api/customers/customers/{await crm.Admin.Customer("外币有限公司", new { x_deposit = 1250m })}/print")).Ok().Text;
        Assert.Contains("USD 1,250.00", paper);
        // Figures, what vendors are told and the API's description say the same.
        Assert.Equal("USD 1,250.5", crm.Services.GetRequiredService<Sdk.IFormat>().Amount(1_250.5m, true));
        var deal = await Opportunities.Dealer.Deal(crm.Admin, 12_345.6m);
        var registration = await crm.Admin.Create("/api/opportunities/registrations", new { opportunityId = deal, vendorId = await crm.Admin.Customer("上游有限公司", new { customerType = "supplier" }) });
        Assert.Contains("预计金额：USD 12,345.6", (await crm.Admin.Get($"/api/opportunities/registrations/{registration}")).Ok().Json.GetProperty("content").GetString());
        Assert.Contains("USD", (await crm.Admin.Get("/openapi/opportunities.json")).Ok().Text);
        Assert.Contains("91440300708461136T", paper);
        Assert.Contains("USD 91440300708461136T", (await crm.Admin.Post("/api/platform/templates/preview", new { kind = "sms", body = "{{ 公司.本位币 }} {{ company.creditCode }}" })).Ok().Text);
        async Task<(string Day, int Nth, string Reason)> Next(long customer)
        {
            var n = (await li.Get($"{Tracks}/{customer}/next")).Ok().Json;
            return (n.GetProperty("at").GetDateTime().AddHours(8).ToString("yyyy-MM-dd HH:mm"), n.GetProperty("nth").GetInt32(), n.GetProperty("reason").GetString()!);
        }
        var (direct, key, other) = (await li.Customer("直接有限公司"), await li.Key(await li.Customer("重点有限公司")), await li.Customer("其他有限公司", new { customerType = "supplier" }));
        // Five days on is a Saturday: Monday.
        var (day, nth, reason) = await Next(direct);
        Assert.Equal(("2026-04-27 10:00", 2), (day, nth));
        Assert.Contains("休息日", reason);
        Assert.Equal("2026-04-22 10:00", (await Next(key)).Day);
        Assert.Equal("2026-05-20 10:00", (await Next(other)).Day);
        await li.Contacted(direct);
        await li.Contacted(direct);
        // The fourth contact, eleven days on, falls into the holiday: Wednesday, 6 May.
        Assert.Equal(("2026-05-06 10:00", 4), ((await Next(direct)).Day, (await Next(direct)).Nth));
        for (var i = 0; i < 5; i++) await li.Contacted(direct);
        Assert.Equal(("2026-05-06 10:00", 9), ((await Next(direct)).Day, (await Next(direct)).Nth));
        // 6 May is full with two, then 7 and 8; the worked Saturday comes next.
        for (var i = 0; i < 6; i++) await li.Contacted(await li.Customer($"占位{(char)('甲' + i)}有限公司"), next: new DateTime(2026, 5, 6 + i / 2, 3, 0, 0, DateTimeKind.Utc));
        (day, _, reason) = await Next(direct);
        Assert.Equal("2026-05-09 10:00", day);
        Assert.Contains("顺延", reason);
        // A colleague's days are the colleague's.
        (await li.Get("/api/tracking/follow-up")).Ok();
        (await li.Post("/api/tracking/follow-up", new { capacity = 5, silentDays = 15, deciderDays = 30, frequencies = Array.Empty<object>() })).Refused(403);
        foreach (var bad in new object[] { new { capacity = 0, silentDays = 15, deciderDays = 30, frequencies = Array.Empty<object>() }, new { capacity = 5, silentDays = 15, deciderDays = 30, frequencies = new[] { new { kind = "type:gibtesnicht", days = new[] { 1 } } } }, new { capacity = 5, silentDays = 15, deciderDays = 30, frequencies = new[] { new { kind = "*", days = new[] { 0 } } } } })
            (await crm.Admin.Post("/api/tracking/follow-up", bad)).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-10")]
    public async Task The_calendar_is_subscribed_to_by_a_secret_address_that_can_be_taken_back(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var name = Crm.Name("日历，客户；名称很长的一家高新技术股份有限公司驻华东办事处");
        var customer = await li.Customer(name);
        var contact = await li.Contact(Crm.Name("赵\\总"), new { employerId = customer });
        var at = new DateTime(DateTime.UtcNow.Year + 1, 3, 2, 1, 30, 0, DateTimeKind.Utc);
        await li.Contacted(customer, contact, next: at);
        var made = (await li.Post("/api/platform/me/tokens", new { name = "日历订阅", scopes = new[] { "tracking.appointments.read" }, readOnly = true, days = 366 })).Ok().Json;
        var address = $"/api/tracking/calendar.ics?token={made.GetProperty("secret").GetString()}";
        var phone = crm.Stranger();
        var file = (await phone.Get(address)).Ok();
        Assert.StartsWith("text/calendar", file.Headers["Content-Type"]);
        Assert.All(file.Text.Split("\r\n"), l => Assert.True(System.Text.Encoding.UTF8.GetByteCount(l) <= 75, l));
        Assert.DoesNotContain('\n', file.Text.Replace("\r\n", ""));
        var calendar = Ical.Net.Calendar.Load(file.Text)!;
        var appointment = Assert.Single(calendar.Events);
        Assert.Contains(name, appointment.Summary);
        Assert.Contains("赵\\总", appointment.Description);
        Assert.Equal(at, appointment.DtStart!.AsUtc);
        Assert.Equal(calendar.Events.Count, calendar.Events.Select(e => e.Uid).Distinct().Count());
        // The address opens nothing else, and nothing for anyone else.
        (await phone.Get(address.Replace("calendar.ics", "appointments"))).Refused(401);
        (await phone.Get("/api/tracking/calendar.ics?token=kpc_" + new string('0', 64))).Refused(401);
        (await phone.Get("/api/tracking/calendar.ics")).Refused(401);
        Assert.DoesNotContain(name, (await (await crm.Hire(Rights)).Get("/api/tracking/calendar.ics")).Ok().Text);
        (await li.Post($"/api/platform/me/tokens/{made.GetProperty("id").GetInt64()}/revoke", new { })).Ok();
        (await phone.Get(address)).Refused(401);
    }
}
