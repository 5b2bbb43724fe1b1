using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Settings;

/// <summary>What other modules may know of products, whoever may see them; to be shown to nobody who may not.</summary>
/// <param name="Ids">At most 10,000.</param>
public sealed record ProductsInBrief(IReadOnlyList<long> Ids) : IQuery<IReadOnlyList<ProductBrief>>;

/// <summary>A living product in brief.</summary>
/// <param name="Category">Code of the dictionary <c>product.category</c>.</param>
/// <param name="Unit">Code of the dictionary <c>product.unit</c>.</param>
/// <param name="OnSale">May be offered.</param>
public sealed record ProductBrief(long Id, string? Code, string Name, string? Specification, string? Category, string? Unit, decimal? RetailPrice, decimal? MemberPrice, decimal? WholesalePrice, bool OnSale)
{
    /// <summary>The price of a kind (dictionary <c>price.kind</c>: <c>retail member wholesale</c>; another or none: retail). Null where none is set.</summary>
    public decimal? Price(string? kind) => kind switch
    {
        "member" => MemberPrice,
        "wholesale" => WholesalePrice,
        _ => RetailPrice,
    };
}

/// <summary>What the products cost a customer: by the customer's price kind (默认售价), and where that has no price, retail. Prices of kinds the user may not use (SEC-8) are left out.</summary>
/// <param name="Products">At most 1,000.</param>
/// <param name="CustomerId">None: retail.</param>
public sealed record PricesFor(IReadOnlyList<long> Products, long? CustomerId) : IQuery<IReadOnlyList<ProductPrice>>;

/// <param name="Kind">Which price it is.</param>
/// <param name="Price">Yuan for a unit; null where none is set, or none the user may see.</param>
/// <param name="Hidden">There is one, and the user may not see it.</param>
public sealed record ProductPrice(long ProductId, string Kind, decimal? Price, bool Hidden = false);
