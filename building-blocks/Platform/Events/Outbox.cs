using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Events;

/// <summary>Which handlers each event has, and the names both have in the database.</summary>
public sealed class EventCatalog
{
    private readonly Dictionary<string, Type> events = [];
    private readonly Dictionary<string, Type> handlers = [];
    private readonly Dictionary<Type, string[]> subscribers = [];

    public EventCatalog(IEnumerable<Type> handlerTypes)
    {
        var pairs = from h in handlerTypes
                    from i in h.GetInterfaces()
                    where i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEventHandler<>)
                    select (Handler: h, Event: i.GetGenericArguments()[0]);
        foreach (var g in pairs.GroupBy(p => p.Event))
        {
            events[g.Key.FullName!] = g.Key;
            foreach (var p in g) handlers[p.Handler.FullName!] = p.Handler;
            subscribers[g.Key] = [.. g.Select(p => p.Handler.FullName!)];
        }
    }

    public string[] SubscribersOf(Type fact) => subscribers.GetValueOrDefault(fact, []);
    public Type? Event(string name) => events.GetValueOrDefault(name);
    public Type? Handler(string name) => handlers.GetValueOrDefault(name);
}

/// <summary>Wakes the dispatcher right after a commit.</summary>
public sealed class Signal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => channel.Writer.TryWrite(true);

    public async Task Wait(TimeSpan atMost, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(atMost);
        try
        {
            await channel.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
        }
    }
}

/// <summary>Collects a command's events and writes them at the end of its transaction: one event row, one delivery row for each handler.</summary>
public sealed class Outbox(Db db, EventCatalog catalog, Signal signal, TimeProvider clock) : IEvents
{
    private readonly List<IIntegrationEvent> facts = [];

    public void Publish(IIntegrationEvent fact)
    {
        // What nobody hears of needs no row: an import of 100,000 rows is not slowed down for nothing.
        if (catalog.SubscribersOf(fact.GetType()).Length == 0) return;
        facts.Add(fact);
        if (facts.Count > 1) return;
        db.BeforeCommit(Write);
        db.OnCommit(Wake);
        db.OnRollback(facts.Clear);
    }

    private async Task Write()
    {
        var ct = CancellationToken.None;
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var fact in facts)
        {
            var type = fact.GetType();
            var (name, payload) = (type.FullName, JsonSerializer.Serialize(fact, type));
            // Numbered by the database, here, after the document's row is locked: numbers of one document follow its commits.
            var id = await db.First<long>(db.Engine.Name == "sqlserver"
                ? $"insert into platform.event (type, document_id, payload, at) output inserted.id values ({name}, {fact.DocumentId}, {payload}, {now})"
                : (Sql)$"insert into platform.event (type, document_id, payload, at) values ({name}, {fact.DocumentId}, {payload}, {now}) returning id", ct);
            foreach (var handler in catalog.SubscribersOf(type))
                await db.Execute($"insert into platform.delivery (event_id, handler, document_id, attempts, next_at) values ({id}, {handler}, {fact.DocumentId}, 0, {now})", ct);
        }
    }

    private void Wake()
    {
        facts.Clear();
        signal.Wake();
    }
}

/// <summary>
/// Hands deliveries to handlers. The delivery row is queue and inbox in one: it is deleted in the transaction in which the handler writes,
/// so the effect happens exactly once, whatever dies when.
/// </summary>
public sealed class Dispatcher(ILifetimeScope root, EventCatalog catalog, Signal signal, TimeProvider clock, ILogger<Dispatcher> log) : BackgroundService
{
    /// <summary>After so many failures a delivery rests until an administrator sends it again.</summary>
    public const int MaxAttempts = 8;
    private static readonly DateTime Parked = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ConcurrentDictionary<Type, Func<object, object, CancellationToken, Task>> Invokers = new();

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                while (await HandleOne(ct)) { }
                await signal.Wait(TimeSpan.FromSeconds(2), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.LogError(e, "Dispatching failed; trying again");
                await Task.Delay(TimeSpan.FromSeconds(1), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>False when nothing is due.</returns>
    public async Task<bool> HandleOne(CancellationToken ct)
    {
        var idle = new Db(root.Resolve<Engine>());
        var now = clock.GetUtcNow().UtcDateTime;
        // A look without the writer's lock: an idle dispatcher disturbs nobody.
        if (await idle.First<long?>($"select min(event_id) from platform.delivery where next_at <= {now}", ct) is null) return false;
        await using var scope = root.BeginLifetimeScope();
        var db = scope.Resolve<Db>();
        scope.Resolve<Caller>().ActAsSystem("event");
        Due? due = null;
        try
        {
            var found = await db.Unit(async () =>
            {
                due = await db.First<Due>(Take(db.Engine, now), ct);
                if (due is null) return false;
                if (catalog.Handler(due.Handler) is not { } handler || catalog.Event(due.Type) is not { } type)
                    throw new InvalidOperationException($"No handler {due.Handler} for {due.Type}: is its module switched off?");
                await Invoke(scope.Resolve(handler), JsonSerializer.Deserialize(due.Payload, type)!, type, ct);
                await db.Execute($"delete from platform.delivery where event_id = {due.EventId} and handler = {due.Handler}", ct);
                return true;
            }, ct);
            return found;
        }
        catch (Exception e) when (due is not null && !ct.IsCancellationRequested)
        {
            log.LogWarning(e, "{Handler} failed on event {Event}, attempt {Attempt}", due.Handler, due.EventId, due.Attempts + 1);
            var next = due.Attempts + 1 >= MaxAttempts ? Parked : now + TimeSpan.FromSeconds(Math.Pow(2, due.Attempts));
            var error = e.Message.Length > 2000 ? e.Message[..2000] : e.Message;
            var mark = new Db(db.Engine);
            await mark.Unit(() => mark.Execute($"update platform.delivery set attempts = attempts + 1, next_at = {next}, error = {error} where event_id = {due.EventId} and handler = {due.Handler}", ct), ct);
            return true;
        }
    }

    private static Sql Take(Engine engine, DateTime now)
    {
        // In order per document and handler: an earlier delivery that is still there holds the later ones back.
        Sql first = $"""
            d.event_id, d.handler, d.attempts, e.type, e.payload from platform.delivery d {Sql.Trusted(engine.Name == "sqlserver" ? "with (updlock, readpast, rowlock)" : "")}
            join platform.event e on e.id = d.event_id
            where d.next_at <= {now} and not exists (select 1 from platform.delivery b where b.handler = d.handler and b.document_id = d.document_id and b.event_id < d.event_id)
            order by d.event_id
            """;
        return engine.Name switch
        {
            "sqlserver" => $"select top (1) {first}",
            "postgres" => $"select {first} limit 1 for update of d skip locked",
            _ => $"select {first} limit 1",
        };
    }

    private static Task Invoke(object handler, object fact, Type type, CancellationToken ct) =>
        Invokers.GetOrAdd(type, static t => (Func<object, object, CancellationToken, Task>)typeof(Dispatcher)
            .GetMethod(nameof(Call), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(t).CreateDelegate(typeof(Func<object, object, CancellationToken, Task>)))(handler, fact, ct);

    private static Task Call<T>(object handler, object fact, CancellationToken ct) where T : INotification => ((INotificationHandler<T>)handler).Handle((T)fact, ct);

    private sealed record Due(long EventId, string Handler, long Attempts, string Type, string Payload);
}
