using System.Collections.Concurrent;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Organization;

/// <summary>What is kept in memory and asked of the modules that own it. A stamp in the database says when to ask anew, on every host.</summary>
public sealed class Caches(ILifetimeScope root, Engine engine)
{
    private readonly ConcurrentDictionary<Cached, long> versions = new();
    private readonly ConcurrentDictionary<Cached, Lazy<object>> values = new();

    public OrganizationSnapshot Organization => Get(Cached.Organization, async m => new OrganizationSnapshot(await m.Send(new LoadOrganization())));
    public DictionarySnapshot Dictionaries => Get(Cached.Dictionaries, async m => new DictionarySnapshot(await m.Send(new LoadDictionaries())));
    public IReadOnlyDictionary<string, NumberingRule> Numbering => Get(Cached.Numbering, async m => (IReadOnlyDictionary<string, NumberingRule>)(await m.Send(new LoadNumberingRules())).ToDictionary(r => r.Type));
    internal IReadOnlyList<Webhooks.WebhookSubscription> Webhooks => Get(Cached.Webhooks, async _ => (IReadOnlyList<Webhooks.WebhookSubscription>)[.. (await new Db(engine).Query<Subscribed>($"select id, events from platform.webhook where state = 'on' order by id"))
        .Select(w => new Webhooks.WebhookSubscription(w.Id, System.Text.Json.JsonSerializer.Deserialize<HashSet<string>>(w.Events)!))]);
    public CompanyData Company => Get(Cached.Company, m => m.Send(new LoadCompany()));

    /// <summary>Told after a change, on each host: for what must be worked out anew at once.</summary>
    public event Action<Cached>? Dropped;

    /// <summary>Goes up with each change; those who derive from what is cached compare it.</summary>
    public long Version(Cached what) => versions.GetValueOrDefault(what);

    public void Drop(Cached what)
    {
        versions.AddOrUpdate(what, 1, (_, v) => v + 1);
        values.TryRemove(what, out _);
        Dropped?.Invoke(what);
    }

    private T Get<T>(Cached what, Func<IMediator, Task<T>> load) where T : class
    {
        var value = values.GetOrAdd(what, _ => new Lazy<object>(() => Task.Run(async () =>
        {
            await using var scope = root.BeginLifetimeScope();
            return (object)await load(scope.Resolve<IMediator>());
        }).GetAwaiter().GetResult()));
        try
        {
            return (T)value.Value;
        }
        catch
        {
            // A failure is kept for nobody: the next who asks loads anew.
            values.TryRemove(new(what, value));
            throw;
        }
    }

    /// <summary>Reads the stamps other hosts may have moved.</summary>
    internal async Task Look(Dictionary<string, long> seen, CancellationToken ct)
    {
        var db = new Db(engine);
        // A stamp that was not there at the first look is a change, too.
        var first = seen.TryAdd("", 0);
        foreach (var (name, value) in (await db.Query<Stamp>($"select name, value from platform.stamp", ct)).Select(s => (s.Name, s.Value)))
        {
            if ((seen.TryGetValue(name, out var was) ? was != value : !first) && Enum.TryParse<Cached>(name, out var what)) Drop(what);
            seen[name] = value;
        }
    }

    private sealed record Subscribed(long Id, string Events);
    private sealed record Stamp(string Name, long Value);
}

/// <summary>On server databases several hosts share the data: looks every second whether another host changed what is kept in memory.</summary>
public sealed class StampWatch(Caches caches, ILogger<StampWatch> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        var seen = new Dictionary<string, long>();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await caches.Look(seen, ct);
                await Task.Delay(TimeSpan.FromSeconds(1), ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                log.LogWarning(e, "The stamps could not be read; trying again");
                await Task.Delay(TimeSpan.FromSeconds(3), ct);
            }
            catch (OperationCanceledException) { }
        }
    }
}

internal sealed class Changed(Db db, Caches caches, Standing standing) : IChanged
{
    private readonly HashSet<Cached> marked = [];

    public void Mark(Cached what)
    {
        if (!marked.Add(what)) return;
        // Within the transaction: other hosts see the stamp when, and only when, they can see the change. At once: whoever else marks it waits from here on.
        // Beside whatever waits here: it would wait for itself where its continuations have a thread of their own.
        Task.Run(async () =>
        {
            var name = what.ToString();
            if (await db.Execute($"update platform.stamp set value = value + 1 where name = {name}") == 0)
                await db.Insert("platform.stamp", ["name", "value"], [[name, 1L]]);
        }).GetAwaiter().GetResult();
        if (what == Cached.Organization) db.BeforeCommit(standing.Check);
        db.OnCommit(() => { caches.Drop(what); marked.Remove(what); });
        db.OnRollback(() => marked.Remove(what));
    }
}
