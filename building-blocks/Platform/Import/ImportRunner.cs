using System.Text.Json;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Security.Tokens;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Import;

/// <summary>Wakes the runner when something waits.</summary>
public sealed class WorkSignal
{
    private readonly Signal signal = new();
    public void Wake() => signal.Wake();
    internal Task Wait(TimeSpan atMost, CancellationToken ct) => signal.Wait(atMost, ct);
}

/// <summary>Carries long operations out in the background, one at a time: imports, and the undoing of large ones. What a stopped host had begun, goes on.</summary>
public sealed class ImportRunner(ILifetimeScope root, Engine engine, WorkSignal signal, TimeProvider clock, ILogger<ImportRunner> log) : BackgroundService
{
    /// <summary>An operation that says nothing for so long belongs to a host that is gone.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(2);

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        // On SQLite there is one host: whatever runs at its start was begun by the one before.
        var gone = engine is SqliteEngine;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await TakeOver(gone ? TimeSpan.Zero : Silent, ct);
                gone = false;
                while (await RunOne(ct)) { }
                await signal.Wait(TimeSpan.FromSeconds(10), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.LogError(e, "Background operations failed; trying again");
                await Task.Delay(TimeSpan.FromSeconds(3), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TakeOver(TimeSpan silent, CancellationToken ct)
    {
        var db = new Db(engine);
        var before = clock.GetUtcNow().UtcDateTime - silent;
        // What was to be stopped, finds that out when it goes on, and ends as it would have.
        if (await db.First<long>($"select count(*) from platform.operation where state in ('running', 'cancelling') and ended_at is null and (seen_at is null or seen_at <= {before})", ct) == 0) return;
        await db.Unit(async () =>
        {
            await db.Execute($"update platform.operation set seen_at = {(DateTime?)null} where state = 'cancelling' and ended_at is null and (seen_at is null or seen_at <= {before})", ct);
            return await db.Execute($"update platform.operation set state = 'waiting' where state = 'running' and ended_at is null and (seen_at is null or seen_at <= {before})", ct);
        }, ct);
    }

    /// <summary>Takes the operation that waits longest; several hosts never take the same.</summary>
    public async Task<bool> RunOne(CancellationToken ct)
    {
        var db = new Db(engine);
        var next = await db.First<Waiting>($"select id, kind, type, user_id, job, undo_of, token_id from platform.operation where (state = 'waiting' or state = 'cancelling' and seen_at is null) and ended_at is null order by id {db.Dialect.Page(1)}", ct);
        if (next is null) return false;
        var now = clock.GetUtcNow().UtcDateTime;
        if (!await db.Unit(async () => await db.Execute($"update platform.operation set state = 'running', seen_at = {now} where id = {next.Id} and state = 'waiting'", ct) > 0
                                      || await db.Execute($"update platform.operation set seen_at = {now} where id = {next.Id} and state = 'cancelling' and seen_at is null", ct) > 0, ct)) return true;
        string state;
        string? message = null;
        try
        {
            await using var scope = root.BeginLifetimeScope();
            if (next.TokenId is not { } id) scope.Resolve<Caller>().ActAs(next.UserId, "import");
            // Begun by a program: it ends with the program's token, and keeps to its scopes.
            else scope.Resolve<Caller>().SignIn(await root.Resolve<TokenKeys>().ById(id, ct) ?? throw new RuleBroken("发起该操作的令牌已失效。"), "import");
            if (next.Kind == "undo") (state, _) = await scope.Resolve<UndoJob>().Run(next.Id, next.UndoOf!.Value, ct);
            else (state, message) = await scope.Resolve<ImportJob>().Run(next.Id, next.Type!, JsonSerializer.Deserialize<ImportJob.State>(next.Job!)!, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host stops: the operation stays as it is and goes on at the next start.
            return false;
        }
        catch (Exception e)
        {
            log.LogError(e, "Operation {Operation} failed", next.Id);
            (state, message) = ("failed", root.Resolve<IProblems>().Message(e));
        }
        var ended = clock.GetUtcNow().UtcDateTime;
        await db.Unit(async () =>
        {
            await db.Execute($"update platform.operation set state = {state}, ended_at = {ended}, message = {message} where id = {next.Id}", ct);
            return await Operations.Reopen(db, next.Id, ct);
        }, ct);
        return true;
    }

    private sealed record Waiting(long Id, string Kind, string? Type, long UserId, string? Job, long? UndoOf, long? TokenId);
}
