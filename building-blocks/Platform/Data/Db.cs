using System.Data.Common;
using Dapper;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Data;

/// <summary>One in each scope. Inside a unit of work all goes through its transaction; outside, each read has a connection of its own.</summary>
public sealed class Db(Engine engine) : IDb
{
    private Running? unit;

    public IDialect Dialect => engine;
    public Engine Engine => engine;
    public bool InUnit => Current is not null;

    public async Task<IReadOnlyList<T>> Query<T>(Sql sql, CancellationToken ct = default) =>
        (await Spanned(sql, () => With(c => c.QueryAsync<T>(Command(sql, ct)), ct))).AsList();

    public async Task<IReadOnlyList<T>> Together<T>(IReadOnlyList<Sql> statements, CancellationToken ct = default)
    {
        var rows = new List<T>();
        if (InUnit) foreach (var sql in statements) rows.AddRange(await Query<T>(sql, ct));
        // SQLite works on the thread that asks: each gets one.
        else foreach (var some in await Task.WhenAll(statements.Select(sql => Task.Run(() => Query<T>(sql, ct), ct)))) rows.AddRange(some);
        return rows;
    }

    public Task<T?> First<T>(Sql sql, CancellationToken ct = default) => Spanned(sql, () => With(c => c.QueryFirstOrDefaultAsync<T?>(Command(sql, ct)), ct));

    public Task<int> Execute(Sql sql, CancellationToken ct = default) => Writing(() => Spanned(sql, () => Current!.Connection.ExecuteAsync(Command(sql, ct))), ct);

    /// <summary>What has been written is with the database when it returns: a rule of its own would have been broken by then.</summary>
    internal Task Flush(CancellationToken ct) => Current?.Pending?.Send(ct) ?? Task.CompletedTask;

    /// <summary>Done at the latest when the unit commits, and before anything else is asked within it. Nothing is answered.</summary>
    internal Task Later(Sql sql, CancellationToken ct)
    {
        if (Current?.Pending is not { } pending) return Execute(sql, ct);
        pending.Add(sql);
        return Task.CompletedTask;
    }

    public Task Insert(string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct = default) =>
        Current?.Pending?.Takes(table, columns, ref rows) == true
            ? Task.CompletedTask
            : Writing(async () =>
            {
                await engine.Insert(Current!.Connection, Current!.Transaction, table, columns, rows, ct);
                return 0;
            }, ct);

    /// <summary>Rows the database gives their <c>id</c>; the ids in the order of the rows.</summary>
    internal Task<IReadOnlyList<long>> InsertNumbered(string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct) =>
        Current?.Pending is { } pending ? pending.InsertNumbered(table, columns, rows, ct) : Writing(() => engine.InsertNumbered(Current!.Connection, Current!.Transaction, table, columns, rows, ct), ct);

    /// <summary>Many rows of three numbers, the first one the same in all: index rows, of which there are more than of anything else.</summary>
    internal Task InsertNumbers(string table, IReadOnlyList<string> columns, long first, (long, long)[] rest, CancellationToken ct) =>
        Writing(async () =>
        {
            await engine.InsertNumbers(Current!.Connection, Current!.Transaction, table, columns, first, rest, ct);
            return 0;
        }, ct);

    /// <summary>Rows as the driver hands them out, for readers that convert by declaration.</summary>
    public Task<List<T>> Read<T>(Sql sql, Func<DbDataReader, T> row, CancellationToken ct = default) => Spanned(sql, () =>
        Current is { } now ? Behind(() => engine.Read(now.Connection, now.Transaction, engine.Finish(sql.Text), sql.Values, row, ct), ct) : engine.Read(engine.Finish(sql.Text), sql.Values, row, ct));

    /// <summary>Draws a run of numbers from a counter within the running unit.</summary>
    /// <returns>The last number of the run.</returns>
    public Task<long> Draw(string counter, long count, CancellationToken ct) => Writing(() => engine.Draw(Current!.Connection, Current!.Transaction, counter, count, ct), ct);

    /// <summary>Done at the end of the unit, within it; an exception undoes the unit.</summary>
    public void BeforeCommit(Func<Task> act) => Current?.BeforeCommit.Add(act);

    /// <summary>Done once the unit has committed; forgotten if it doesn't.</summary>
    public void OnCommit(Action act) => Current?.Committed.Add(act);

    /// <summary>Done if the unit is rolled back.</summary>
    public void OnRollback(Action act) => Current?.RolledBack.Add(act);

    /// <summary>Runs the work in one transaction; a unit within a unit joins it.</summary>
    /// <param name="work">What is to be done wholly or not at all.</param>
    /// <param name="ct">Ends the waiting, and the work.</param>
    /// <param name="brief">See <see cref="Engine.Write"/>.</param>
    public async Task<T> Unit<T>(Func<Task<T>> work, CancellationToken ct = default, bool brief = false)
    {
        if (Current is not null) return await work();
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        await using var writing = await engine.Write(brief, ct);
        Telemetry.Waited(System.Diagnostics.Stopwatch.GetElapsedTime(began));
        var mine = unit = new Running(writing.Connection, writing.Transaction, engine.Pend(writing.Connection, writing.Transaction));
        // Ids drawn by this unit are void then, and must not be handed out to the next.
        writing.Undone = () => mine.RolledBack.ForEach(a => a());
        T result;
        try
        {
            result = await work();
            for (var i = 0; i < mine.BeforeCommit.Count; i++) await mine.BeforeCommit[i]();
            if (mine.Pending is { } pending) await pending.Send(ct);
        }
        finally
        {
            mine.Ended = true;
        }
        await writing.Commit(ct);
        await writing.DisposeAsync();
        mine.Committed.ForEach(a => a());
        return result;
    }

    /// <summary>Takes part in another's running unit, for as long as that runs: what is done in several scopes is one transaction. This one is not used any more afterwards.</summary>
    internal void Join(Db other) => unit = other.Current;

    /// <summary>None once it has ended, for those that joined it, too.</summary>
    private Running? Current => unit is { Ended: false } ? unit : null;

    private Task<T> Spanned<T>(Sql sql, Func<Task<T>> work)
    {
        return Telemetry.Source.HasListeners() ? Traced() : work();

        async Task<T> Traced()
        {
            using var span = Telemetry.Statement(engine, sql);
            return await work();
        }
    }

    private Task<T> Writing<T>(Func<Task<T>> work, CancellationToken ct) =>
        Current is null ? throw new InvalidOperationException("A write needs a command: nothing is written outside a unit of work.") : Behind(work, ct);

    /// <summary>After what is still to be sent.</summary>
    private Task<T> Behind<T>(Func<Task<T>> work, CancellationToken ct)
    {
        return Current!.Pending is { Any: true } pending ? Sent(pending) : work();

        async Task<T> Sent(PostgresPending writes)
        {
            await writes.Send(ct);
            return await work();
        }
    }

    private async Task<T> With<T>(Func<DbConnection, Task<T>> work, CancellationToken ct)
    {
        if (Current is { } now) return await Behind(() => work(now.Connection), ct);
        await using var c = engine.Create();
        await c.OpenAsync(ct);
        return await work(c);
    }

    private CommandDefinition Command(Sql sql, CancellationToken ct)
    {
        var values = new DynamicParameters();
        for (var i = 0; i < sql.Values.Count; i++) values.Add(Engine.ParameterName(i), engine.ToDb(sql.Values[i]));
        return new CommandDefinition(engine.Finish(sql.Text), values, Current?.Transaction, cancellationToken: ct);
    }

    /// <summary>A unit of work while it runs.</summary>
    private sealed class Running(DbConnection connection, DbTransaction transaction, PostgresPending? pending)
    {
        public PostgresPending? Pending => pending;
        public DbConnection Connection => connection;
        public DbTransaction Transaction => transaction;
        public bool Ended { get; set; }
        public List<Func<Task>> BeforeCommit { get; } = [];
        public List<Action> Committed { get; } = [];
        public List<Action> RolledBack { get; } = [];
    }
}
