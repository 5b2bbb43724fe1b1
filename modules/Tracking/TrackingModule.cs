using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Appointments;
using KuaipuCrm.Tracking.Calendar;
using KuaipuCrm.Tracking.Events;
using KuaipuCrm.Tracking.Figures;
using KuaipuCrm.Tracking.FollowUp;
using KuaipuCrm.Tracking.Records;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("tracking", "客户跟踪", Order = 30, Icon = "comments")]

namespace KuaipuCrm.Tracking;

/// <summary>Contact records, appointments and the lists a sales person works the day from.</summary>
public sealed class TrackingModule : IModule
{
    internal const string ManageFollowUp = "tracking.follow-up.manage";
    private const string Read = "tracking.records.read", Create = "tracking.records.create", ReadTracks = "tracking.customers.read", ReadAppointments = "tracking.appointments.read";

    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<Participants>().AddScoped<CustomersContacts>().AddScoped<OpenAppointments>().AddScoped<NextSteps>().AddScoped<Recount>().AddScoped<TellTied>().AddScoped<Frequencies>().AddScoped<NextContacts>().AddScoped<CustomersAppointments>();
        module.Permissions[ManageFollowUp] = "跟踪频率：维护";
        module.Ties.Add(new DocumentTie("contact", "contactrecord", "tracking.participant", "contact_id", "record_id"));
        Tabs(module);
        Menu(module);
        module.Cards.Add(new DesktopCard("tracking", "客户跟踪", typeof(Desktop.TrackingCard), ReadTracks, 5, Columns: 3));
        // Calendars on phones subscribe to an address: a token in it stands for the user.
        module.Endpoints.Add(group => group.MapGet("calendar.ics", async (IMediator mediator, CancellationToken ct) => Results.Text(await mediator.Send(new CalendarFeed(), ct), "text/calendar; charset=utf-8")).ExcludeFromDescription());
    }

    private static void Tabs(ModuleDefinition module)
    {
        module.Tabs.Add(new RelatedTab("customer", "records", "联系记录", "contactrecord", (alias, id) => $"{Sql.Trusted(alias)}.customer_id = {id}", 5) { NewValues = id => new Dictionary<string, object?> { ["customerId"] = id } });
        module.Tabs.Add(new RelatedTab("customer", "appointments", "预约", "appointment", (alias, id) => $"{Sql.Trusted(alias)}.customer_id = {id}", 6) { NewValues = id => new Dictionary<string, object?> { ["customerId"] = id } });
        module.Tabs.Add(new RelatedTab("contact", "contact-records", "联系记录", "contactrecord", (alias, id) => $"{Sql.Trusted(alias)}.id in (select p.record_id from tracking.participant p where p.contact_id = {id})", 5)
        {
            NewValues = id => new Dictionary<string, object?> { ["contactId"] = id },
        });
        module.Tabs.Add(new RelatedTab("contactrecord", "participants", "参与联系人", "contact", (alias, id) => $"{Sql.Trusted(alias)}.id in (select p.contact_id from tracking.participant p where p.record_id = {id})", 10)
        {
            Link = (record, contact) => new AddParticipant(record, contact),
            Unlink = (record, contact) => new RemoveParticipant(record, contact),
        });
        foreach (var (type, column) in new[] { ("lead", "lead_id"), ("opportunity", "opportunity_id"), ("campaign", "campaign_id"), ("task", "task_id") })
            module.Tabs.Add(new RelatedTab(type, type + "-records", "联系记录", "contactrecord", (alias, id) => $"{Sql.Trusted($"{alias}.{column}")} = {id}", 5) { NewValues = id => new Dictionary<string, object?> { [$"{type}Id"] = id } });
    }

    private static void Menu(ModuleDefinition module)
    {
        void Add(string? group, string text, string url, string permission, string icon) => module.Menu.Add(new(text, url, permission, icon, 10 + module.Menu.Count, group));
        Add(null, "写联系记录", "/tracking/quick", Create, "pen-to-square");
        Add(null, "联系日历", "/tracking/calendar", ReadAppointments, "calendar-days");
        Add(null, "实际行动", "/tracking/records?view=actions", Read, "person-walking");
        Add("联系谁", "今日拨打顺序", "/tracking/calls", ReadTracks, "phone");
        Add("联系谁", "今天要联系", "/tracking/customers?view=today", ReadTracks, "calendar-day");
        Add("联系谁", "联系已过期", "/tracking/customers?view=overdue", ReadTracks, "calendar-xmark");
        Add("联系谁", "一周要联系", "/tracking/customers?view=week", ReadTracks, "calendar-week");
        Add("联系谁", "从未联系", "/tracking/customers?view=never", ReadTracks, "user-plus");
        Add("联系谁", "近期未联系", "/tracking/customers?view=silent", ReadTracks, "hourglass-half");
        Add("联系谁", "没有下一步", "/tracking/customers?view=adrift", ReadTracks, "circle-question");
        Add("上下级", "下属的联系记录", "/tracking/team", Read, "users-viewfinder");
        Add("上下级", "上级给我的点评", "/tracking/comments", Read, "comment-dots");
        Add("上下级", "我给下属的点评", "/tracking/comments-given", Read, "comment");
        Add("设置", "跟踪频率", "/tracking/follow-up", ManageFollowUp, "sliders");
    }
}
