namespace KuaipuCrm.Sdk;

/// <summary>A person's file (UI-7): who it is, and how many documents of each type the person owns or takes part in, as far as the viewer's data scope goes.</summary>
[Action("员工档案", Permissions.SignedIn, Route = "people/{id}", Help = "一个人的资料，以及归其负责、由其参与的各种单据各有多少：只数您的数据权限内的，不论是否有该种单据的功能权限。")]
public sealed record GetPersonFile([Label("用户的编号")] long Id) : IQuery<PersonFile>;

/// <param name="Superior">Null where nobody is.</param>
/// <param name="Holdings">Types of which the viewer sees rows of the person's; counts stop at 10,000.</param>
/// <param name="TakesPart">The same of what others own and the person takes part in, where the type declares it.</param>
public sealed record PersonFile(long Id, string Name, string Login, long? DepartmentId, string? Department, string? Post, long? SuperiorId, string? Superior, bool Enabled, IReadOnlyList<Holding> Holdings, IReadOnlyList<Holding> TakesPart);

/// <summary>The documents of one type that a person owns or takes part in, newest change first: their names; opening one needs the permission.</summary>
/// <param name="PersonId">Whose.</param>
/// <param name="Page">From 1, of 50.</param>
/// <param name="Part">Those of others the person takes part in, instead of the person's own.</param>
[Action("员工负责的单据", Permissions.SignedIn, Route = "people/{personId}/documents/{type}", Help = "一个人负责（或参与）的一种单据的名称，最近修改的在前：只含您数据权限内的。")]
public sealed record ListHeld([Label("单据类型，如 customer")] string Type, [Label("用户的编号")] long PersonId, [Label("第几页，每页 50 份")] int Page = 1, [Label("由其参与的，而不是归其负责的")] bool Part = false) : IQuery<HeldPage>, IOnDocuments
{
    /// <summary>The data scope cuts the rows, not the function permission (UI-7).</summary>
    public string? Right => null;
}

/// <param name="MayOpen">Whether the viewer may open documents of this type.</param>
public sealed record HeldPage(IReadOnlyList<HeldDocument> Documents, bool More, bool MayOpen);

/// <param name="Status">As people read it; null where the type has none.</param>
public sealed record HeldDocument(long Id, string Number, string Title, string? Status, DateTime UpdatedAt);
