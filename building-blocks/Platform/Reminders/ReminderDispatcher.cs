using System.Text.Json;
using Autofac;
using KuaipuCrm.Platform.Collaboration;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Templates;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Reminders;

/// <summary>
/// Reminds when it is time, also of what came due while nothing ran. Taking the row, the messages and the next turn are one transaction: each turn reminds once, on however many hosts and whatever dies when.
/// Who may not see the document at that moment hears nothing.
/// </summary>
internal sealed class ReminderDispatcher(ILifetimeScope root, Engine engine, ReminderSignal signal, TimeProvider clock, ILogger<ReminderDispatcher> log) : BackgroundService
{
    private const int Batch = 200, FillBatch = 1_000, ClearBatch = 5_000, MaxAttempts = 5;
    /// <summary>A save that was under way when a rule was made may be seen only later, on servers.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromMinutes(5);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
            try
            {
                while (await DeliverDue(ct) > 0 | await Prepare(ct)) { }
                await signal.Wait(TimeSpan.FromSeconds(5), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.LogError(e, "Reminding failed; trying again");
                await Task.Delay(TimeSpan.FromSeconds(2), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    /// <returns>How many came due.</returns>
    internal async Task<int> DeliverDue(CancellationToken ct)
    {
        var (db, now) = (new Db(engine), Now);
        var due = await db.Query<Due>($"select id, rule_id, document_id, due_at, turn, attempts from platform.reminder where next_at <= {now} order by next_at, id {db.Dialect.Page(Batch)}", ct);
        foreach (var one in due)
            try
            {
                await using var scope = root.BeginLifetimeScope();
                scope.Resolve<Caller>().ActAsSystem("job reminder");
                await scope.Resolve<Db>().Unit(() => Deliver(scope, one, ct), ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                log.LogWarning(e, "Reminder {Id} failed, attempt {Attempt}", one.Id, one.Attempts + 1);
                // What goes on failing is tried once a day: nothing is given up, nothing else is held back.
                var later = Now + (one.Attempts + 1 >= MaxAttempts ? TimeSpan.FromDays(1) : TimeSpan.FromMinutes(Math.Pow(2, one.Attempts)));
                await db.Unit(() => db.Execute($"update platform.reminder set next_at = {later}, attempts = attempts + 1 where id = {one.Id} and due_at = {one.DueAt}", ct), ct);
            }
        return due.Count;
    }

    private async Task<int> Deliver(ILifetimeScope scope, Due due, CancellationToken ct)
    {
        var db = scope.Resolve<Db>();
        // Of two hosts the one that takes the row reminds.
        if (await db.Execute($"delete from platform.reminder where id = {due.Id} and due_at = {due.DueAt}", ct) == 0) return 0;
        var row = await db.First<RuleRow>($"select id, type_id, wish, enabled, gone from platform.reminder_rule where id = {due.RuleId}", ct);
        if (row is not { Enabled: true, Gone: false } || scope.Resolve<DocumentTypes>().Name(row.TypeId) is not { } type || scope.Resolve<ModuleCatalog>().FindDocument(type) is not { } d) return 0;
        var wish = JsonSerializer.Deserialize<ReminderWish>(row.Wish)!;
        if (d.Find(wish.Field) is not { } field || await scope.Resolve<Stores>().Of(d).Find(due.DocumentId, bin: false, ct) is not { } record) return 0;
        var (value, zone, now) = (field.Get(record), scope.Resolve<Formatter>().Zone, Now);
        // The date may have been moved past the keeper, by a statement of a module: what is due by the date as it stands counts.
        if (ReminderTimes.Due(value, wish, (int)due.Turn, zone) is { } stands && stands <= now)
        {
            var organization = scope.Resolve<Caches>().Organization;
            // Of what is over those who took part hear nothing any more.
            var whom = wish.Whom == "tied" ? d.IsFinal(record) ? [] : await Tied(scope, d, record.Id, ct) : Whom(organization, d, record, wish);
            var users = await scope.Resolve<Reach>().WhoSee(d.Type, record.Id, whom.Where(u => organization.Person(u)?.Enabled == true), ct);
            // Worded for each as that one may see the document; those with the same words get one message.
            foreach (var same in (await Texts(scope, db, d, record, field, value, wish, users, ct)).GroupBy(t => t.Text))
                await scope.Resolve<InternalMessages>().Remind([.. same.Select(t => t.User)], same.Key, record.Id, wish.Mail, wish.Sms, ct);
        }
        if (ReminderTimes.Next(value, wish, now, zone) is { } next)
            await db.Insert("platform.reminder", ["id", "rule_id", "document_id", "due_at", "turn", "next_at", "attempts"], [[due.Id, due.RuleId, due.DocumentId, next.Due, (long)next.Turn, next.Due, 0L]], ct);
        return 1;
    }

    private static List<long> Whom(OrganizationSnapshot organization, DocumentDefinition d, Document record, ReminderWish wish) =>
    [
        .. new[]
        {
            wish.Whom switch
            {
                "owner" => record.OwnerId ?? record.CreatedBy,
                "superior" => record.OwnerId is { } owner && organization.Person(owner) is { } person ? organization.SuperiorOf(person) : null,
                "user" => wish.UserId,
                "field" => d.Find(wish.WhomField ?? "")?.Get(record) as long?,
                _ => null,
            },
        }.OfType<long>(),
    ];

    /// <summary>All who take part, however many.</summary>
    private static async Task<IReadOnlyList<long>> Tied(ILifetimeScope scope, DocumentDefinition d, long id, CancellationToken ct) => scope.Resolve<ModuleCatalog>().PeopleOf(d.Type) is not { } tie ? []
        : await scope.Resolve<Db>().Query<long>($"select p.{Sql.Trusted(tie.Column)} from {Sql.Trusted(tie.Table)} p where p.{Sql.Trusted(tie.OnColumn)} = {id}", ct);

    private async Task<List<(long User, string Text)>> Texts(ILifetimeScope scope, Db db, DocumentDefinition d, Document record, FieldDefinition field, object? value, ReminderWish wish, List<long> users, CancellationToken ct)
    {
        if (wish.TemplateId is { } template)
            try
            {
                var texts = new List<(long, string)>();
                foreach (var user in users)
                {
                    await using var theirs = root.BeginLifetimeScope(b => b.RegisterInstance(db).AsSelf().As<IDb>().ExternallyOwned());
                    theirs.Resolve<Caller>().ActAs(user, "reminder");
                    texts.Add((user, await theirs.Resolve<TemplateHandlers>().Reminding(template, d, record.Id, ct)));
                }
                return texts;
            }
            catch (Exception e) when (e is Invalid or NotFound)
            {
                log.LogWarning("Template {Template} of reminder could not be filled in: {Message}", template, e.Message);
            }
        var what = $"{d.Label}“{DocumentDirectory.Title(d, record)}”的{field.Label}：{scope.Resolve<Formatter>().Text(field, value, new Dictionary<long, string>())}";
        var text = wish.Text is null ? what : $"{wish.Text}（{what}）";
        return [.. users.Select(u => (u, text))];
    }

    /// <summary>Goes through the documents that were there before a rule, and clears away what rules that are gone have left; a piece at a time.</summary>
    /// <returns>Whether there is more to do.</returns>
    internal async Task<bool> Prepare(CancellationToken ct)
    {
        var (db, now) = (new Db(engine), Now);
        if (await db.First<long?>($"select min(id) from platform.reminder_rule where gone = {true} and document_id is null", ct) is { } gone)
        {
            await db.Unit(async () =>
            {
                if (await db.Execute($"delete from platform.reminder where id in (select id from platform.reminder where rule_id = {gone} order by id {db.Dialect.Page(ClearBatch)})", ct) < ClearBatch) await db.Execute($"delete from platform.reminder_rule where id = {gone}", ct);
                return 0;
            }, ct);
            return true;
        }
        if (await db.First<FillRow>($"select id, type_id, wish, fill_after, fill_pass from platform.reminder_rule where fill_at <= {now} and gone = {false} order by id", ct) is not { } fill) return false;
        await using var scope = root.BeginLifetimeScope();
        scope.Resolve<Caller>().ActAsSystem("job reminder");
        var own = scope.Resolve<Db>();
        if (scope.Resolve<DocumentTypes>().Name(fill.TypeId) is not { } type || scope.Resolve<ModuleCatalog>().FindDocument(type) is not { } d)
        {
            await db.Unit(() => db.Execute($"update platform.reminder_rule set fill_at = {(DateTime?)null} where id = {fill.Id}", ct), ct);
            return true;
        }
        await own.Unit(async () =>
        {
            // Of two hosts one does a piece; the other finds it done.
            if (await own.Execute($"update platform.reminder_rule set fill_after = fill_after where id = {fill.Id} and fill_after = {fill.FillAfter} and fill_pass = {fill.FillPass} and fill_at is not null and gone = {false}", ct) == 0) return 0;
            var records = await scope.Resolve<Stores>().Of(d).After(fill.FillAfter, FillBatch, ct);
            if (records.Count > 0)
            {
                var (first, last) = (records[0].Id, records[^1].Id);
                var there = (await own.Query<long>($"select document_id from platform.reminder where rule_id = {fill.Id} and document_id >= {first} and document_id <= {last}", ct)).ToHashSet();
                await scope.Resolve<ReminderKeeper>().Insert(d, [new(fill.Id, null, JsonSerializer.Deserialize<ReminderWish>(fill.Wish)!)], [.. records.Where(r => !there.Contains(r.Id))], ct);
                await own.Execute($"update platform.reminder_rule set fill_after = {last} where id = {fill.Id}", ct);
            }
            else
            {
                var again = fill.FillPass == 1 && engine is not SqliteEngine ? Now + SecondLook : (DateTime?)null;
                await own.Execute($"update platform.reminder_rule set fill_at = {again}, fill_after = 0, fill_pass = fill_pass + 1 where id = {fill.Id}", ct);
            }
            return 0;
        }, ct);
        return true;
    }

    private sealed record Due(long Id, long RuleId, long DocumentId, DateTime DueAt, long Turn, long Attempts);
    private sealed record RuleRow(long Id, long TypeId, string Wish, bool Enabled, bool Gone);
    private sealed record FillRow(long Id, long TypeId, string Wish, long FillAfter, long FillPass);
}
