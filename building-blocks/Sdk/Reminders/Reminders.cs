using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>When, whom and how to remind of a date (DOC-8).</summary>
/// <param name="Field">A date or moment of the document type, declared or custom.</param>
/// <param name="Days">So many days after the date; negative: before.</param>
/// <param name="AtMinute">At that minute of the day in the account set's zone (540 is nine o'clock). None, for moments only: <paramref name="Minutes"/> from the moment itself.</param>
/// <param name="Minutes">From the moment, where there is no <paramref name="AtMinute"/>; negative: before.</param>
/// <param name="Whom"><c>me owner superior user field tied</c>; tied: all people who are tied to the document, such as those who take part (<see cref="DocumentTie.People"/>).</param>
/// <param name="UserId">For <c>user</c>.</param>
/// <param name="WhomField">For <c>field</c>: a field that refers to a user.</param>
/// <param name="Repeat"><c>none day week month year</c>: again so long after the date, such as each birthday.</param>
/// <param name="Mail">By mail, too; a message inside the CRM there is always.</param>
public sealed record ReminderWish(
    string Field, int Days, int? AtMinute, int Minutes, string Whom, long? UserId = null, string? WhomField = null, string Repeat = "none", DateOnly? RepeatUntil = null,
    [property: MaxLength(200)] string? Text = null, long? TemplateId = null, bool Mail = false, bool Sms = false);

/// <summary>A reminder as a document's page shows it.</summary>
/// <param name="RuleId">Names it.</param>
/// <param name="OfType">Set by an administrator for all documents of the type.</param>
/// <param name="DueAt">The next time; null where there is none to come.</param>
/// <param name="MayRemove">Whether the user may take it away here.</param>
public sealed record ReminderView(long RuleId, ReminderWish Wish, bool OfType, DateTime? DueAt, string By, bool MayRemove);

/// <summary>What someone will be reminded of about a document.</summary>
public sealed record ListReminders(string Type, long Id) : IQuery<IReadOnlyList<ReminderView>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Sets a reminder on one document. Whoever may see it may have themselves reminded; others, who may change it.</summary>
/// <returns>The rule's id.</returns>
public sealed record AddReminder(string Type, long Id, ReminderWish Wish) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Takes a reminder of one document away: one's own, or any where one may change the document.</summary>
public sealed record RemoveReminder(string Type, long Id, long RuleId) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>A rule for all documents of a type.</summary>
/// <param name="Preparing">Still going through the documents that were there before.</param>
/// <param name="Pending">How many are to come; capped at 10,000.</param>
public sealed record ReminderRuleView(long Id, string Type, ReminderWish Wish, bool Enabled, bool Preparing, long Pending, string By);

[Action("提醒规则", ReminderRights.Manage, Route = "reminder-rules", Help = "对一类单据全部有效的提醒规则。")]
public sealed record ListReminderRules : IQuery<IReadOnlyList<ReminderRuleView>>;

/// <summary>Creates or changes a rule for a type; documents that are there already are gone through in the background.</summary>
/// <param name="Id">None to create.</param>
[Action("保存提醒规则", ReminderRights.Manage, Route = "reminder-rules", Help = "对一类单据设置提醒：哪个日期、提前或推后几天、几点、提醒谁。",
    Example = "{\"type\":\"customer\",\"wish\":{\"field\":\"createdAt\",\"days\":365,\"atMinute\":540,\"minutes\":0,\"whom\":\"owner\",\"repeat\":\"none\"},\"enabled\":true}")]
public sealed record SaveReminderRule(long? Id, string Type, ReminderWish Wish, bool Enabled = true) : ICommand<long>;

[Action("删除提醒规则", ReminderRights.Manage, Route = "reminder-rules/{id}/delete")]
public sealed record DeleteReminderRule(long Id) : ICommand<Done>;

/// <summary>For modules that write dates by statements of their own, past <see cref="IDocuments{T}"/>.</summary>
public interface IReminders
{
    /// <summary>Works the times of these documents out anew, within the running command.</summary>
    Task Refresh(string documentType, IReadOnlyCollection<long> ids, CancellationToken ct = default);
}

public static class ReminderRights
{
    public const string Manage = "settings.reminders.manage";
}
