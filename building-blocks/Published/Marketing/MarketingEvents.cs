using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Marketing;

/// <summary>Someone from outside has filled in a campaign's public form: a lead shall come of it, and whoever takes it in says so (<see cref="Leads.WebFormTaken"/>). What was typed is asked for: events are kept, people's data is not.</summary>
/// <param name="DocumentId">The campaign.</param>
/// <param name="AnswerId">For <see cref="WebFormAnswer"/>.</param>
/// <param name="OwnerId">The campaign's owner, to whom a lead goes that no rule assigns.</param>
/// <param name="At">UTC.</param>
public sealed record WebFormFilled(long DocumentId, long AnswerId, long? OwnerId, DateTime At) : IIntegrationEvent;

/// <summary>A public form got as many answers as it takes: people are turned away for now. Told once a day.</summary>
/// <param name="DocumentId">The campaign.</param>
/// <param name="Answers">So many, in so many hours.</param>
public sealed record WebFormCrowded(long DocumentId, long Answers, long Hours) : IIntegrationEvent;

/// <summary>What was typed into a public form: anybody's word. Null once it was taken in.</summary>
public sealed record WebFormAnswer(long AnswerId) : IQuery<WebFormWords?>;

/// <param name="Name">At most 40 characters.</param>
/// <param name="Mobile">A valid number, normalized.</param>
/// <param name="Company">At most 100 characters.</param>
/// <param name="Email">At most 120 characters.</param>
/// <param name="Content">At most 1,000 characters.</param>
public sealed record WebFormWords(string Name, string? Mobile, string? Company, string? Email, string? Content);
