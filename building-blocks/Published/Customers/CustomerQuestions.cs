using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Customers;

/// <summary>What other modules may know of customers, whoever may see them; to be shown to nobody who may not.</summary>
/// <param name="Ids">At most 10,000.</param>
public sealed record CustomersInBrief(IReadOnlyList<long> Ids) : IQuery<IReadOnlyList<CustomerBrief>>;

/// <summary>A living customer in brief.</summary>
/// <param name="Type">Code of the dictionary <c>customer.type</c>.</param>
/// <param name="PriceKind">Code of the dictionary <c>price.kind</c>: which price the customer usually pays.</param>
/// <param name="Key">A key customer (重点客户) of its owner.</param>
public sealed record CustomerBrief(long Id, string Name, long? OwnerId, long? DepartmentId, string? Type, string? Level, string? Status, bool Key, string? PriceKind = null);
