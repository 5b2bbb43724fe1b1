using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Registrations;

/// <summary>Protection that has ended is over; of what ends within a week its owner is told once, on however many hosts (OPP-6).</summary>
public sealed record WatchProtection : ICommand<Done>;

internal sealed class WatchProtectionHandler(IDb db, IScope scope, IDocuments<Registration> registrations, IMessages messages, IWorkCalendar calendar) : ICommandHandler<WatchProtection, Done>
{
    private const string Why = "the clock goes by days, not by people";
    private const int Most = 500, Notice = 7;

    public async Task<Done> Handle(WatchProtection command, CancellationToken ct)
    {
        var (today, soon) = (calendar.Today, calendar.Today.AddDays(Notice));
        var over = await db.Query<long>($"select r.id from opportunities.registration r join opportunities.opportunity o on o.id = r.opportunity_id where r.status = {Registration.Accepted} and r.protected_until < {today} and r.deleted_at is null and o.status in ('draft', 'running', 'paused') and {scope.All("registration", Why)} and {scope.All("opportunity", Why)} order by r.protected_until, r.id {db.Dialect.Page(Most)}", ct);
        if (over.Count > 0)
            await registrations.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), over)} and t.status = {Registration.Accepted} and t.protected_until < {today}", Why, c => c.Now.Status = Registration.Expired, ct);
        var ending = await db.Query<Ending>($"""
            select r.id, r.subject, r.owner_id, r.protected_until from opportunities.registration r join opportunities.opportunity o on o.id = r.opportunity_id
            where r.status = {Registration.Accepted} and r.protected_until >= {today} and r.protected_until <= {soon} and (r.reminded_for is null or r.reminded_for <> r.protected_until) and r.deleted_at is null
              and o.status in ('draft', 'running', 'paused') and o.deleted_at is null and {scope.All("registration", Why)} and {scope.All("opportunity", Why)} order by r.protected_until, r.id {db.Dialect.Page(Most)}
            """, ct);
        foreach (var e in ending)
        {
            // Whoever notes the day tells it.
            if (await db.Execute($"update opportunities.registration set reminded_for = {e.ProtectedUntil} where id = {e.Id} and (reminded_for is null or reminded_for <> {e.ProtectedUntil}) and {scope.All("registration", Why)}", ct) == 0) continue;
            if (e.OwnerId is { } owner) await messages.Send([owner], "opportunity", $"上游报备“{e.Subject}”的保护期到 {e.ProtectedUntil.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} 为止，需要时请续报。", e.Id, ct);
        }
        return default;
    }

    private sealed record Ending(long Id, string Subject, long? OwnerId, DateOnly ProtectedUntil);
}
