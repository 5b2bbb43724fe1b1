using System.Globalization;
using KuaipuCrm.Published.Marketing;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;
using Microsoft.Extensions.Configuration;

namespace KuaipuCrm.Marketing.WebForm;

/// <summary>What stands on a public form that is open; of one that is closed, whose campaign doesn't run, or that never was, nothing.</summary>
public sealed record ShowWebForm(string Key) : IQuery<WebFormPage?>, IOpenToAnyone;

public sealed record WebFormPage(string Title, string? Intro);

/// <summary>Takes an answer to a public form in (MKT-6). These fields and no others.</summary>
/// <param name="Seal">As the copy of the form carried it (<see cref="FormSeal"/>).</param>
/// <param name="Website">Out of people's sight: only a program fills it in.</param>
public sealed record FillWebForm(string Key, string? Seal, string? Website, string? Name, string? Mobile, string? Company, string? Email, string? Content) : ICommand<WebFormOutcome>, IOpenToAnyone;

public enum WebFormOutcome
{
    Taken,
    /// <summary>No such form, or closed.</summary>
    Unknown,
    /// <summary>Not a copy of ours, sent too fast, or left lying too long.</summary>
    Stale,
    /// <summary>This copy was answered before.</summary>
    Again,
    /// <summary>Too many answers to this form lately.</summary>
    Crowded,
    /// <summary>A value is missing or no good.</summary>
    Wrong,
}

internal sealed class WebFormDesk(IDb db, IScope scope, FormSeal seals, IEvents events, IIds ids, IConfiguration settings, TimeProvider clock) : IQueryHandler<ShowWebForm, WebFormPage?>, ICommandHandler<FillWebForm, WebFormOutcome>
{
    private const string Why = "a public form is open to everyone while its campaign runs; nothing else of the campaign is told";

    /// <summary>More answers to one form are a flood, whatever addresses they come from.</summary>
    private readonly int mostAnHour = Most(settings, "FormAnswersPerHour", 300), mostADay = Most(settings, "FormAnswersPerDay", 2_000);

    public Task<WebFormPage?> Handle(ShowWebForm query, CancellationToken ct) =>
        IsKey(query.Key) ? db.First<WebFormPage>($"select f.title, f.intro from marketing.web_form f join marketing.campaign c on c.id = f.campaign_id where f.form_key = {query.Key} and f.is_open = {true} and c.status = {Campaign.Running} and c.deleted_at is null and {scope.All("campaign", Why)}", ct) : Task.FromResult<WebFormPage?>(null);

    public async Task<WebFormOutcome> Handle(FillWebForm command, CancellationToken ct)
    {
        // Held until the end: answers to one form come one after the other.
        if (!IsKey(command.Key) || await db.Execute($"update marketing.web_form set received = received where form_key = {command.Key} and is_open = {true}", ct) == 0) return WebFormOutcome.Unknown;
        if (await db.First<Row>($"select c.id, c.owner_id from marketing.web_form f join marketing.campaign c on c.id = f.campaign_id where f.form_key = {command.Key} and c.status = {Campaign.Running} and c.deleted_at is null and {scope.All("campaign", Why)}", ct) is not { } campaign) return WebFormOutcome.Unknown;
        if (seals.Open(command.Seal, command.Key) is not { } seal || seal.Age < FormSeal.Fastest || seal.Age > FormSeal.Longest) return WebFormOutcome.Stale;
        var answer = Answer(command);
        if (answer is null) return WebFormOutcome.Wrong;
        var now = clock.GetUtcNow().UtcDateTime;
        if (await db.First<long?>($"select a.id from marketing.web_answer a where a.seal = {seal.Mark}", ct) is not null) return WebFormOutcome.Again;
        // Whoever fills in what people don't see is thanked like all others, learns nothing, and takes no room from people.
        var robot = !string.IsNullOrEmpty(command.Website);
        foreach (var (most, hours) in new[] { (mostAnHour, 1), (mostADay, 24) })
        {
            if (await db.First<long>($"select count(*) from marketing.web_answer a where a.campaign_id = {campaign.Id} and a.at > {now.AddHours(-hours)} and a.robot is {Sql.Trusted(robot ? "not null" : "null")}", ct) < most) continue;
            if (robot) return WebFormOutcome.Taken;
            if (await db.Execute($"update marketing.web_form set crowded_at = {now} where campaign_id = {campaign.Id} and (crowded_at is null or crowded_at <= {now.AddDays(-1)})", ct) > 0) events.Publish(new WebFormCrowded(campaign.Id, most, hours));
            return WebFormOutcome.Crowded;
        }
        var id = ids.Next();
        object?[] words = robot ? [true, null, null, null, null, null] : [null, answer.Name, answer.Mobile, answer.Company, answer.Email, answer.Content];
        await db.Insert("marketing.web_answer", ["id", "campaign_id", "seal", "at", "robot", "name", "mobile", "company", "email", "content"], [[id, campaign.Id, seal.Mark, now, .. words]], ct);
        // A seal is no good after its time anyway.
        await db.Execute($"delete from marketing.web_answer where campaign_id = {campaign.Id} and at < {now - FormSeal.Longest - FormSeal.Longest} and name is null", ct);
        if (robot) return WebFormOutcome.Taken;
        await db.Execute($"update marketing.web_form set received = received + 1, last_at = {now} where campaign_id = {campaign.Id}", ct);
        events.Publish(new WebFormFilled(campaign.Id, id, campaign.OwnerId, now));
        return WebFormOutcome.Taken;
    }

    /// <returns>Null where a value is missing or no good.</returns>
    private static WebFormWords? Answer(FillWebForm c)
    {
        var (name, company, email, mobile) = (Line(c.Name), Line(c.Company), Line(c.Email)?.ToLowerInvariant(), Line(c.Mobile));
        var content = string.IsNullOrWhiteSpace(c.Content) ? null : new string([.. c.Content.ReplaceLineEndings("\n").Where(x => x == '\n' || !char.IsControl(x))]).Trim();
        if (name is null || mobile is null && email is null || name.Length > 40 || company?.Length > 100 || email?.Length > 120 || content?.Length > 1000) return null;
        if (mobile is not null && !Phone.IsMobile(mobile)) return null;
        if (email is not null && !(email.Split('@') is [{ Length: > 0 }, var host] && host.Contains('.') && !email.Any(x => char.IsWhiteSpace(x) || x is '<' or '>' or ','))) return null;
        return new(name, mobile is null ? null : Phone.Normalize(mobile), company, email, content);
    }

    private static string? Line(string? text) => TextNorm.Clean(new string([.. (text ?? "").Where(c => !char.IsControl(c))])) is { Length: > 0 } t ? t : null;

    private static int Most(IConfiguration settings, string name, int usual) => int.TryParse(settings["Public:" + name], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : usual;

    private static bool IsKey(string? key) => key is { Length: 32 } && key.All(char.IsAsciiHexDigitLower);

    private sealed record Row(long Id, long? OwnerId);
}
