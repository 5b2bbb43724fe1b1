using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Organization;

internal sealed class FindAddressesHandler(IDb db, IScope scope) : IQueryHandler<FindAddresses, IReadOnlyList<UserAddress>>
{
    public Task<IReadOnlyList<UserAddress>> Handle(FindAddresses query, CancellationToken ct) =>
        db.Query<UserAddress>($"select p.id, p.email, p.mobile from settings.person p where {db.Dialect.In(Sql.Trusted("p.id"), query.Users)} and p.deleted_at is null and {scope.All("user", "the platform reaches colleagues outside the CRM; it shows them nothing")}", ct);
}
