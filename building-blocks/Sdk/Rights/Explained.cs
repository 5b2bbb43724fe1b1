namespace KuaipuCrm.Sdk;

/// <summary>What a user may do and see at this moment, and where each right comes from (SET-2, SEC-7).</summary>
[Action("权限说明", "settings.rights.explain", Route = "rights/users/{userId}", Help = "一个用户此刻能做什么、看到什么，每一项来自哪里。")]
public sealed record ExplainRights(long UserId) : IQuery<RightsExplained>;

/// <param name="Superior">The superior's name, and by which rule.</param>
/// <param name="Permissions">Those held, each with the roles it comes from.</param>
/// <param name="Entries">Dictionaries of which only some entries may be seen and chosen.</param>
/// <param name="SeeAsRefusal">Why the asker may not see as this user; null where it is allowed.</param>
public sealed record RightsExplained(
    long UserId, string Name, string Login, string? Department, string? Superior, bool Enabled, bool Everything, IReadOnlyList<RoleHeld> Roles,
    IReadOnlyList<PermissionHeld> Permissions, IReadOnlyList<ScopeExplained> Scopes, IReadOnlyList<EntriesExplained> Entries, string? SeeAsRefusal);

public sealed record RoleHeld(long Id, string Name, bool Everything);

/// <param name="Roles">Ids of the roles that hold it.</param>
public sealed record PermissionHeld(string Permission, string Label, IReadOnlyList<long> Roles);

/// <param name="Words">The scope in words.</param>
/// <param name="People">Owners whose rows are seen, among those in use.</param>
/// <param name="Departments">Departments whose rows are seen.</param>
/// <param name="Sources">Each grant with where it comes from; empty where nothing is set.</param>
/// <param name="MayRead">Without the right to read, the scope opens nothing.</param>
public sealed record ScopeExplained(string Type, string Label, string Words, bool All, int People, int Departments, IReadOnlyList<ScopeSource> Sources, bool MayRead);

/// <param name="From">e.g. <c>角色“销售经理”</c>.</param>
/// <param name="General">The holder's grant for all types, not one for this type.</param>
public sealed record ScopeSource(string Words, string From, bool General);

/// <param name="Entries">Labels of those allowed.</param>
public sealed record EntriesExplained(string Dictionary, string Label, IReadOnlyList<string> Entries, IReadOnlyList<string> Roles);

/// <summary>Who sees a record at this moment, and by which grant (SEC-7).</summary>
[Action("谁能看到", "settings.rights.explain", Route = "rights/records/{type}/{id}", Help = "谁能看到一份单据，依据哪一条授权。")]
public sealed record WhoSees(string Type, long Id) : IQuery<RecordViewers>;

public sealed record RecordViewers(string Type, string TypeLabel, long Id, string Number, string Title, string? Owner, string? Department, string Url, IReadOnlyList<Viewer> Viewers);

/// <param name="Grants">Each way by which the record is seen, in words.</param>
public sealed record Viewer(long UserId, string Name, string? Department, IReadOnlyList<string> Grants);

/// <summary>Why a certain user sees a record, or doesn't.</summary>
[Action("能否看到", "settings.rights.explain", Route = "rights/records/{type}/{id}/users/{userId}", Help = "一个用户为什么能看到、或看不到一份单据。")]
public sealed record WhyOfRecord(string Type, long Id, long UserId) : IQuery<RecordWhy>;

public sealed record RecordWhy(bool Sees, string Name, IReadOnlyList<string> Reasons);
