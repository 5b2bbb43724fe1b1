using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Events;

/// <summary>
/// Hands deliveries to handlers. The delivery row is queue and inbox in one: it is deleted in the transaction in which the handler writes,
/// so the effect happens exactly once, whatever dies when.
/// </summary>
public sealed class Dispatcher(ILifetimeScope root, EventCatalog catalog, Signal signal, TimeProvider clock, ILogger<Dispatcher> log) : BackgroundService
{
    /// <summary>After so many failures a delivery rests until an administrator sends it again.</summary>
    public const int MaxAttempts = 8;
    internal static readonly DateTime Parked = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ConcurrentDictionary<Type, Func<object, object, CancellationToken, Task>> Invokers = new();

    /// <summary>Deliveries in one transaction, at most; and how long it may take before others get their turn to write.</summary>
    private const int MostAtOnce = 50;
    private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(15);

    /// <summary>So many transactions more with one delivery each.</summary>
    private int singly;

    /// <summary>When it looked for events last; null before the first time.</summary>
    public DateTime? Looked { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        var welcomed = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (!welcomed) await Welcome(ct);
                welcomed = true;
                do Looked = DateTime.UtcNow;
                while (await HandleSome(ct));
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

    /// <summary>What waited for a module that was not there is due again, if the module is.</summary>
    private async Task Welcome(CancellationToken ct)
    {
        var db = new Db(root.Resolve<Engine>());
        var now = clock.GetUtcNow().UtcDateTime;
        var back = (await db.Query<string>($"select distinct handler from platform.delivery where next_at = {Parked} and attempts = 0", ct)).Where(h => catalog.Handler(h) is not null).ToList();
        if (back.Count > 0) await db.Unit(() => db.Execute($"update platform.delivery set next_at = {now}, error = {(string?)null} where next_at = {Parked} and attempts = 0 and {db.Dialect.In(Sql.Trusted("handler"), back)}", ct), ct);
    }

    /// <summary>
    /// Hands out what is due, several deliveries in one transaction: under load most of the time would go into commits.
    /// If one of them fails all are taken back and handed out singly, so that only the one that fails is put off.
    /// </summary>
    /// <returns>False when nothing is due.</returns>
    public async Task<bool> HandleSome(CancellationToken ct)
    {
        var engine = root.Resolve<Engine>();
        var now = clock.GetUtcNow().UtcDateTime;
        // A look without the writer's lock: an idle dispatcher disturbs nobody.
        if (await new Db(engine).First<long?>($"select min(event_id) from platform.delivery where next_at <= {now}", ct) is null) return false;
        var db = new Db(engine);
        var (handled, scopes) = (new List<string>(), new List<ILifetimeScope>());
        Due? due = null;
        var most = singly > 0 ? 1 : MostAtOnce;
        try
        {
            await db.Unit(async () =>
            {
                handled.Clear();
                var began = Stopwatch.GetTimestamp();
                while (handled.Count < most && Stopwatch.GetElapsedTime(began) < LongEnough)
                {
                    var some = await db.Query<Due>(Take(db.Engine, now, most - handled.Count), ct);
                    if (some.Count == 0) break;
                    var done = new List<Due>(some.Count);
                    foreach (var next in some.TakeWhile(_ => done.Count == 0 || Stopwatch.GetElapsedTime(began) < LongEnough))
                    {
                        due = next;
                        if (await Hand(db, next, scopes, ct)) done.Add(next);
                        handled.Add(next.Handler);
                    }
                    // Now, so that what comes after them to the same documents is free.
                    foreach (var same in done.GroupBy(d => d.Handler))
                        await db.Execute($"delete from platform.delivery where {db.Dialect.In(Sql.Trusted("event_id"), [.. same.Select(d => d.EventId)])} and handler = {same.Key}", ct);
                }
                return 0;
            }, ct, brief: true);
            if (singly > 0) singly--;
            foreach (var handler in handled) Telemetry.Delivered(handler, "done");
            return handled.Count > 0;
        }
        catch (Exception e) when (due is not null && !ct.IsCancellationRequested)
        {
            if (most > 1 && (handled.Count > 0 || engine.IsTransient(e)))
            {
                singly = handled.Count + 1;
                return true;
            }
            log.LogWarning(e, "{Handler} failed on event {Event}, attempt {Attempt}", due.Handler, due.EventId, due.Attempts + 1);
            if (singly > 0) singly--;
            // Some spread, so that what failed together doesn't come back together.
            var next = due.Attempts + 1 >= MaxAttempts ? Parked : clock.GetUtcNow().UtcDateTime + TimeSpan.FromSeconds(Math.Pow(2, due.Attempts) * (0.8 + 0.4 * Random.Shared.NextDouble()));
            Telemetry.Delivered(due.Handler, "failed");
            var error = e.Message.Length > 2000 ? e.Message[..2000] : e.Message;
            var mark = new Db(engine);
            await mark.Unit(() => mark.Execute($"update platform.delivery set attempts = attempts + 1, next_at = {next}, error = {error} where event_id = {due.EventId} and handler = {due.Handler}", ct), ct);
            return true;
        }
        finally
        {
            foreach (var scope in scopes) await scope.DisposeAsync();
        }
    }

    /// <summary>What the handler does about one delivery, in the running transaction.</summary>
    /// <param name="scopes">Takes the scope it was done in: what is done before the commit may still need it.</param>
    /// <returns>Whether the delivery has ended; else it rests.</returns>
    private async Task<bool> Hand(Db db, Due due, List<ILifetimeScope> scopes, CancellationToken ct)
    {
        if (catalog.Handler(due.Handler) is not { } handler || catalog.Event(due.Type) is not { } type)
        {
            await db.Execute($"update platform.delivery set attempts = 0, next_at = {Parked}, error = {"处理该事件的模块未安装或已停用；模块恢复后会自动继续。"} where event_id = {due.EventId} and handler = {due.Handler}", ct);
            return false;
        }
        // Each handler in a scope of its own, on the one connection.
        var scope = root.BeginLifetimeScope();
        scopes.Add(scope);
        scope.Resolve<Db>().Join(db);
        scope.Resolve<Caller>().ActAsSystem("event");
        using var span = Telemetry.Source.StartActivity($"deliver {handler.Name}", ActivityKind.Consumer);
        await Invoke(scope.Resolve(handler), JsonSerializer.Deserialize(due.Payload, type)!, type, ct);
        return true;
    }

    private static Sql Take(Engine engine, DateTime now, int most)
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
            "sqlserver" => $"select top ({most}) {first}",
            "postgres" => $"select {first} limit {most} for update of d skip locked",
            _ => $"select {first} limit {most}",
        };
    }

    private static Task Invoke(object handler, object fact, Type type, CancellationToken ct) =>
        Invokers.GetOrAdd(type, static t => (Func<object, object, CancellationToken, Task>)typeof(Dispatcher)
            .GetMethod(nameof(Call), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(t).CreateDelegate(typeof(Func<object, object, CancellationToken, Task>)))(handler, fact, ct);

    private static Task Call<T>(object handler, object fact, CancellationToken ct) where T : INotification => ((INotificationHandler<T>)handler).Handle((T)fact, ct);

    private sealed record Due(long EventId, string Handler, long Attempts, string Type, string Payload);
}
