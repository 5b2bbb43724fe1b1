namespace KuaipuCrm.Sdk;

/// <summary>Asked by the platform, answered by the module that keeps people: everything rights are computed from. Kept in memory until <see cref="IChanged"/> says otherwise.</summary>
public sealed record LoadOrganization : IQuery<OrganizationData>;

public sealed record OrganizationData(IReadOnlyList<Department> Departments, IReadOnlyList<Person> People, IReadOnlyList<RoleData> Roles);

public sealed record Department(long Id, string Name, long? ParentId, long? ManagerId, string? Code);

/// <param name="SuperiorId">By the reporting line; none: the department's manager, then the parent department's.</param>
public sealed record Person(long Id, string Name, string Login, long? DepartmentId, long? SuperiorId, long? PostId, bool Enabled, IReadOnlyList<long> RoleIds, IReadOnlyList<ScopeGrant> Grants)
{
    /// <summary>In the recycle bin, from which the person may come back.</summary>
    public bool Deleted { get; init; }
}

/// <param name="Entries">Dictionary → codes its holders may see and choose; a dictionary not named is not limited (SEC-8).</param>
public sealed record RoleData(long Id, string Name, IReadOnlyList<string> Permissions, IReadOnlyList<ScopeGrant> Grants, IReadOnlyDictionary<string, IReadOnlyList<string>> Entries);

/// <summary>Which rows of a document type someone sees.</summary>
/// <param name="Type">The document type; <c>*</c> for all that have no grant of their own in the same role or user.</param>
/// <param name="Departments">For <see cref="ScopeKind.ChosenDepartments"/>.</param>
public sealed record ScopeGrant(string Type, ScopeKind Kind, IReadOnlyList<long> Departments);

/// <summary>Data scopes (SEC-2); what several grants allow is added up.</summary>
public enum ScopeKind
{
    None,
    Own,
    OwnAndSubordinates,
    Department,
    DepartmentAndBelow,
    ChosenDepartments,
    All,
}

/// <summary>Asked by the platform: the dictionaries and their entries.</summary>
public sealed record LoadDictionaries : IQuery<IReadOnlyList<DictionaryData>>;

public sealed record DictionaryData(string Id, string Label, IReadOnlyList<DictionaryEntry> Entries)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}

/// <param name="Code">What records hold.</param>
public sealed record DictionaryEntry(string Code, string Label, string? English, string? Parent, bool Disabled);

/// <summary>Asked by the platform: the numbering rules that differ from the declared default.</summary>
public sealed record LoadNumberingRules : IQuery<IReadOnlyList<NumberingRule>>;

/// <param name="DatePart"><c>none year month day</c>: what stands between prefix and digits, and when counting starts anew.</param>
public sealed record NumberingRule(string Type, string Prefix, string DatePart, int Digits, string Reset);

/// <summary>Asked by the platform: the company of this account set.</summary>
public sealed record LoadCompany : IQuery<CompanyData>;

/// <param name="TimeZone">IANA name, e.g. <c>Asia/Shanghai</c>; the business day is counted in it.</param>
/// <param name="Currency">ISO code of what all amounts are in.</param>
public sealed record CompanyData(string Name, string TimeZone, string Currency, string? Logo)
{
    public string? Phone { get; init; }
    public string? Address { get; init; }
    /// <summary>Unified social credit code, as contracts and printed forms carry it.</summary>
    public string? CreditCode { get; init; }

    /// <summary>Days of the week that are worked.</summary>
    public IReadOnlyCollection<DayOfWeek> WorkDays { get; init; } = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday];

    /// <summary>Days that differ from the week: true where such a day is worked (调休), false for holidays.</summary>
    public IReadOnlyDictionary<DateOnly, bool> Exceptions { get; init; } = new Dictionary<DateOnly, bool>();
}

/// <summary>Days as the company counts them (SET-17): its time zone, its working days and holidays.</summary>
public interface IWorkCalendar
{
    TimeZoneInfo Zone { get; }

    /// <summary>The business day of this moment.</summary>
    DateOnly Today { get; }

    /// <summary>The business day a moment belongs to.</summary>
    DateOnly DayOf(DateTime utc);

    /// <summary>A time of a business day in UTC; one that the clocks leave out is an hour later.</summary>
    DateTime Utc(DateOnly day, TimeOnly time = default);

    bool IsWorking(DateOnly day);

    /// <summary>The day itself if it is worked, else the next that is; the day itself where none is within a year.</summary>
    DateOnly WorkingFrom(DateOnly day);
}

/// <summary>Says, inside a command, that something kept in memory has changed; all hosts load it anew after the commit.</summary>
public interface IChanged
{
    void Mark(Cached what);
}

/// <summary>What is kept in memory.</summary>
public enum Cached
{
    Organization,
    Dictionaries,
    Numbering,
    Company,
    /// <summary>Who has rows opened to them at all.</summary>
    Access,
    /// <summary>Which events go to other programs.</summary>
    Webhooks,
    /// <summary>The fields administrators have added.</summary>
    CustomFields,
}

/// <summary>The organization of this moment, in memory.</summary>
public interface IOrganization
{
    IReadOnlyList<Department> Departments { get; }
    IReadOnlyList<Person> People { get; }
    IReadOnlyList<RoleData> Roles { get; }
    Person? Person(long id);
    Department? Department(long id);
    /// <summary>The department and all below it.</summary>
    IReadOnlyList<long> DepartmentAndBelow(long id);
    /// <summary>All who report to the person, directly or through others.</summary>
    IReadOnlyList<long> Subordinates(long personId);
}

/// <summary>The dictionaries of this moment, in memory.</summary>
public interface IDictionaries
{
    DictionaryData? Find(string id);
    IReadOnlyList<DictionaryData> All { get; }
    /// <summary>The label in the user's language, or the code where it is unknown.</summary>
    string Label(string dictionary, string code);
}

/// <summary>Sign-in accounts of users; kept by the platform, managed by the module that keeps people.</summary>
public interface IAccounts
{
    /// <summary>Creates or changes the account within the running command.</summary>
    /// <exception cref="Invalid">The login is taken.</exception>
    Task Put(long userId, string login, bool enabled, CancellationToken ct = default);
    /// <summary>The user is gone for good: the login is free for another.</summary>
    Task Remove(long userId, CancellationToken ct = default);
    /// <summary>Sets a new password; the user must change it at the next sign-in if <paramref name="mustChange"/>. Ends all sessions.</summary>
    /// <exception cref="Invalid">The password breaks the rules.</exception>
    Task SetPassword(long userId, string password, bool mustChange, CancellationToken ct = default);
    /// <summary>Signs the user out everywhere.</summary>
    Task EndSessions(long userId, CancellationToken ct = default);
    /// <summary>Takes the second factor away, e.g. when the phone is lost.</summary>
    Task RemoveTotp(long userId, CancellationToken ct = default);
    Task Unlock(long userId, CancellationToken ct = default);
}

/// <summary>Whether an account may be acted on: whoever could take it over must not gain by it.</summary>
public interface IStanding
{
    /// <summary>Why the user stands above the current one, in permissions or in rows seen; null where not.</summary>
    string? WhyAbove(long userId);

    /// <summary>Why what the user owns of a type is not for the current one to give away: it is not seen; null where it is.</summary>
    string? WhyNotGiven(long userId, string type);
}

/// <summary>Moves rows between owners and departments, over all document types, keeping the times (DOC-15).</summary>
public interface IOwnership
{
    /// <summary>A person went to another department: what the person owns goes along, at once (SEC-3).</summary>
    Task DepartmentChanged(long personId, long? departmentId, CancellationToken ct = default);
    /// <summary>How many living rows a user owns, by document type label.</summary>
    Task<IReadOnlyDictionary<string, long>> Owned(long personId, CancellationToken ct = default);
    /// <summary>What a user owns, by document type; types of which the user owns nothing are left out.</summary>
    Task<IReadOnlyList<Holding>> Holdings(long personId, CancellationToken ct = default);
    /// <summary>Gives all living rows a user owns to others, by turns where there are several; one journaled operation with undo (DOC-14). Types not named stay.</summary>
    /// <param name="heirs">Document type → who takes over.</param>
    /// <param name="rules">Go before <paramref name="heirs"/> for the documents they fit.</param>
    /// <param name="besideTo">Who takes over what is no document (<see cref="IHandsOver"/>); null: it stays.</param>
    Task<BatchResult> HandOver(long personId, IReadOnlyDictionary<string, IReadOnlyList<long>> heirs, string label, IReadOnlyList<HeirRule>? rules = null, long? besideTo = null, CancellationToken ct = default);

    /// <summary>What a person has besides documents; of kinds with nothing to hand over, none.</summary>
    Task<IReadOnlyList<Holding>> Beside(long personId, CancellationToken ct = default);

    /// <summary>How the documents of a type would fall to the heirs.</summary>
    Task<IReadOnlyDictionary<long, long>> Shares(long personId, string type, IReadOnlyList<long> heirs, IReadOnlyList<HeirRule> rules, CancellationToken ct = default);
}

/// <summary>How many living rows of a type someone owns.</summary>
public sealed record Holding(string Type, string Label, long Count);
