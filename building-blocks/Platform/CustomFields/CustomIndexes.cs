using Autofac;
using Dapper;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.CustomFields;

/// <summary>Brings the indexes over custom fields to what the fields ask for, in the background and on one host at a time; until an index stands its field counts as not indexed.</summary>
/// <remarks>Compared with the database's own list, so that nothing is lost when a host stops, and a database that was moved or restored gets its indexes at the first start.</remarks>
public sealed class CustomIndexes : BackgroundService
{
    /// <summary>Other hosts may still walk an index no field asks for any more; they hear of it within a second.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Signal signal = new();
    private readonly ILifetimeScope root;
    private readonly Engine engine;
    private readonly ModuleCatalog catalog;
    private readonly ILogger<CustomIndexes> log;

    public CustomIndexes(ILifetimeScope root, Engine engine, ModuleCatalog catalog, CustomFieldKeeper keeper, ILogger<CustomIndexes> log)
    {
        (this.root, this.engine, this.catalog, this.log) = (root, engine, catalog, log);
        keeper.Loaded += signal.Wake;
    }

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                // Another host at it: looked again, in case it stops.
                await signal.Wait(await Reconcile(Grace, ct) ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(10), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.LogError(e, "The indexes of custom fields could not be built; trying again");
                await Task.Delay(TimeSpan.FromSeconds(30), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Builds what is missing, takes away what nobody asks for.</summary>
    /// <returns>False where another host is at it.</returns>
    internal async Task<bool> Reconcile(TimeSpan grace, CancellationToken ct)
    {
        var db = new Db(engine);
        if ((await Missing(db, ct)).Count + (await Unwanted(db, ct)).Count == 0) return true;
        await using var alone = await engine.TryAlone(ct);
        if (alone is null) return false;
        // What another host has built meanwhile is there now.
        if (await Missing(db, ct) is { Count: > 0 } missing)
        {
            foreach (var (field, table, name, then) in missing)
            {
                log.LogInformation("Building index {Index} for field {Field} of {Type}", name, field.Name, field.Type);
                await Run(engine.CreateCustomIndex(name, table, field.Name, CustomField.IsWhole(field.FieldKind), then), ct);
            }
            await Tell(ct);
        }
        if ((await Unwanted(db, ct)).Count == 0) return true;
        await Task.Delay(grace, ct);
        foreach (var index in await Unwanted(db, ct)) await Run(engine.DropCustomIndex(index.Name, index.OnTable), ct);
        return true;
    }

    private async Task<List<(CustomField Field, string Table, string Name, string Then)>> Missing(Db db, CancellationToken ct)
    {
        var there = (await db.Query<CustomIndex>(Sql.Trusted(engine.CustomIndexes), ct)).Select(i => i.Name).ToHashSet();
        return
        [
            .. from f in await CustomFieldKeeper.All(db, ct)
               where f is { Indexed: true, Active: true }
               let d = catalog.FindDocument(f.Type)
               where d is not null
               from i in f.Indexes()
               where !there.Contains(i.Name)
               select (f, d.Table, i.Name, i.Then),
        ];
    }

    private async Task<List<CustomIndex>> Unwanted(Db db, CancellationToken ct)
    {
        var wanted = (await CustomFieldKeeper.All(db, ct)).Where(f => f is { Indexed: true, Active: true }).SelectMany(f => f.Indexes()).Select(i => i.Name).ToHashSet();
        return [.. (await db.Query<CustomIndex>(Sql.Trusted(engine.CustomIndexes), ct)).Where(i => !wanted.Contains(i.Name))];
    }

    /// <summary>Outside a transaction, as PostgreSQL wants it; behind the gate of writers, as SQLite has but one.</summary>
    private async Task Run(IReadOnlyList<string> statements, CancellationToken ct)
    {
        using var gate = await engine.EnterWrite(ct);
        await using var connection = engine.Create(write: true);
        await connection.OpenAsync(ct);
        foreach (var statement in statements) await connection.ExecuteAsync(new CommandDefinition(statement, commandTimeout: 0, cancellationToken: ct));
    }

    /// <summary>All hosts look anew.</summary>
    private async Task Tell(CancellationToken ct)
    {
        await using var scope = root.BeginLifetimeScope();
        await scope.Resolve<Db>().Unit(() =>
        {
            scope.Resolve<IChanged>().Mark(Cached.CustomFields);
            return Task.FromResult(0);
        }, ct);
    }
}
