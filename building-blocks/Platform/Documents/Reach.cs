using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Finds a document by id under someone's rights: what lies beside a document is reached through it.</summary>
internal sealed class Reach(ILifetimeScope root, Db db, Stores stores, ModuleCatalog catalog, Organization.Scope scope, ICurrentUser me)
{
    /// <summary>A living document, or one in the recycle bin for those who may restore.</summary>
    /// <exception cref="NotFound">None the user may see.</exception>
    public async Task<Document> Any(DocumentDefinition d, long id, CancellationToken ct)
    {
        var record = await stores.Of(d).Find(id, bin: false, ct);
        if (record is null && me.May(d.Permission(DocumentRight.Restore))) record = await stores.Of(d).Find(id, bin: true, ct);
        return record ?? throw new NotFound(d.Label);
    }

    /// <summary>The same, or one that is only opened to the user (<see cref="RowOpening"/>): to be read, and nothing beside it.</summary>
    public async Task<(Document Record, bool Opened)> AnyOrOpened(DocumentDefinition d, long id, CancellationToken ct)
    {
        try
        {
            return (await Any(d, id, ct), false);
        }
        catch (NotFound) when (scope.Opened(d, "t") is not null)
        {
            return (await stores.Of(d).FindWhere(id, scope.Opened(d, "t")!, ct) ?? throw new NotFound(d.Label), true);
        }
    }

    /// <summary>A living document.</summary>
    /// <exception cref="NotFound">None the user may see.</exception>
    public async Task<Document> Living(DocumentDefinition d, long id, CancellationToken ct) => await stores.Of(d).Find(id, bin: false, ct) ?? throw new NotFound(d.Label);

    /// <summary>A living document the user may change, not one shared for reading only.</summary>
    /// <exception cref="NotFound">None the user may see.</exception>
    public async Task<Document> Changeable(DocumentDefinition d, long id, CancellationToken ct)
    {
        var record = await Living(d, id, ct);
        return await RightOn(d, record, ct) == RowRight.See ? throw new NotAllowed($"{d.Label}：修改（只与您共享阅读）") : record;
    }

    /// <summary>How far a document the user sees is open to the user.</summary>
    public Task<RowRight> RightOn(DocumentDefinition d, Document record, CancellationToken ct) => stores.Of(d).RightOn(record, ct);

    /// <summary>Those of the users who may see a living document, as it stands in the running transaction.</summary>
    public async Task<List<long>> WhoSee(string type, long id, IEnumerable<long> users, CancellationToken ct)
    {
        var d = catalog.Document(type);
        var see = new List<long>();
        foreach (var user in users.Distinct())
        {
            await using var theirs = root.BeginLifetimeScope(b => b.RegisterInstance(db).AsSelf().As<IDb>().ExternallyOwned());
            theirs.Resolve<Caller>().ActAs(user, "message");
            if (theirs.Resolve<Caller>().May(d.Permission(DocumentRight.Read)) && await theirs.Resolve<Stores>().Of(d).Find(id, bin: false, ct) is not null) see.Add(user);
        }
        return see;
    }
}
