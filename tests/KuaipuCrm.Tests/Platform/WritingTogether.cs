using System.Collections.Concurrent;
using Dapper;
using KuaipuCrm.Platform.Data;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Commands that write SQLite at the same moment go to disk together; each stands or falls for itself all the same (OPS-3).</summary>
public sealed class WritingTogether : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kuaipu");
    private readonly SqliteEngine engine;

    public WritingTogether()
    {
        engine = new(Path.Combine(folder.FullName, "together.db"), ["none"]);
        using var c = engine.Create(write: true);
        c.Open();
        c.Execute("pragma journal_mode=wal; create table parent (n integer primary key); create table child (n integer primary key, parent integer not null references parent (n) deferrable initially deferred)");
    }

    public void Dispose()
    {
        engine.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Delete(true);
    }

    [Fact, Trait("req", "OPS-3")]
    public async Task Whoever_is_told_of_success_has_all_rows_and_whoever_fails_or_gives_up_has_none()
    {
        var (kept, taken, wrong) = (new ConcurrentBag<int>(), new ConcurrentBag<int>(), new ConcurrentBag<string>());
        await Task.WhenAll(Enumerable.Range(0, 40).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var n = caller * 50 + i;
                using var patience = new CancellationTokenSource();
                var db = new Db(engine);
                try
                {
                    await db.Unit(async () =>
                    {
                        db.OnCommit(() => { if (!Stands(n)) wrong.Add($"{n} was told too early"); });
                        db.OnRollback(() => taken.Add(n));
                        await db.Execute($"insert into parent (n) values ({n})");
                        await Task.Yield();
                        await db.Execute($"insert into child (n, parent) values ({n}, {n})");
                        if (n % 7 == 0) throw new InvalidOperationException("changed its mind");
                        if (n % 11 == 0) await patience.CancelAsync();
                        patience.Token.ThrowIfCancellationRequested();
                        return 0;
                    }, patience.Token, brief: n % 5 > 0);
                    kept.Add(n);
                }
                catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
                {
                }
            }
        })));
        Assert.Empty(wrong);
        var all = Enumerable.Range(0, 2_000).ToList();
        Assert.Equal(all.Where(n => n % 7 > 0 && n % 11 > 0), kept.Order());
        Assert.Equal(all.Except(kept), taken.Order());
        Assert.Equal(kept.Order().Select(n => (long)n), await new Db(engine).Query<long>($"select p.n from parent p join child c on c.n = p.n order by p.n"));
        Assert.Equal(kept.Count * 2, await new Db(engine).First<long>($"select (select count(*) from parent) + (select count(*) from child)"));
    }

    [Fact, Trait("req", "OPS-3")]
    public async Task Where_the_one_commit_fails_all_who_wait_for_it_are_told_and_the_next_writes_on()
    {
        var (begun, go, taken) = (new TaskCompletionSource(), new TaskCompletionSource(), new ConcurrentBag<int>());
        Task<int> Write(int n, long parent, Func<Task>? meanwhile = null)
        {
            var db = new Db(engine);
            return db.Unit(async () =>
            {
                db.OnRollback(() => taken.Add(n));
                await db.Execute($"insert into child (n, parent) values ({n}, {parent})");
                if (meanwhile is not null) await meanwhile();
                return n;
            }, brief: true);
        }

        var owner = new Db(engine);
        await owner.Unit(() => owner.Execute($"insert into parent (n) values (1)"));
        // The first holds the turn until the others queue, so that the three share one commit, which the second spoils: its parent is missing.
        var first = Write(1, 1, async () => { begun.SetResult(); await go.Task; });
        await begun.Task;
        var (second, third) = (Write(2, 99), Write(3, 1));
        go.SetResult();
        foreach (var one in new[] { first, second, third }) await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => one);
        Assert.Equal([1, 2, 3], taken.Order());
        Assert.Equal(4, await Write(4, 1));
        Assert.Equal([4L], await new Db(engine).Query<long>($"select n from child"));
    }

    [Fact, Trait("req", "OPS-3")]
    public async Task Several_who_wait_for_the_disk_need_fewer_commits_than_there_are_of_them()
    {
        // Counted by another connection, which sees each commit as a change.
        using var watch = engine.Create();
        watch.Open();
        var (commits, seen, stop) = (0, watch.ExecuteScalar<long>("pragma data_version"), false);
        var counting = Task.Run(() =>
        {
            while (!Volatile.Read(ref stop))
                if (watch.ExecuteScalar<long>("pragma data_version") is var now && now != seen) (commits, seen) = (commits + 1, now);
        });
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var holder = new Db(engine);
        var first = holder.Unit(async () => { begun.SetResult(); await go.Task; return await holder.Execute($"insert into parent (n) values (0)"); }, brief: true);
        await begun.Task;
        var rest = Enumerable.Range(1, 30).Select(n => { var db = new Db(engine); return db.Unit(() => db.Execute($"insert into parent (n) values ({n})"), brief: true); }).ToList();
        go.SetResult();
        await first;
        await Task.WhenAll(rest);
        Volatile.Write(ref stop, true);
        await counting;
        Assert.Equal(31, await new Db(engine).First<long>($"select count(*) from parent"));
        Assert.InRange(commits, 0, 3);
    }

    /// <summary>Asked past the unit.</summary>
    private bool Stands(int n)
    {
        using var c = engine.Create();
        c.Open();
        return c.ExecuteScalar<long>("select count(*) from child where n = @n", new { n }) == 1;
    }
}
