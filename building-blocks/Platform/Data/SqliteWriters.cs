using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KuaipuCrm.Platform.Data;

/// <summary>
/// Those who write one SQLite file, one at a time. A small command waits longer for the disk than for all else; so what several write one after the other goes to disk together:
/// whoever has written waits for a turn again, and the first to get it commits for all who have written since. Nobody is told of success before that commit.
/// </summary>
internal sealed class SqliteWriters(Func<CancellationToken, Task<(SqliteConnection Connection, SqliteTransaction Transaction)>> begin)
{
    /// <summary>So many in one transaction; the next begins another.</summary>
    private const int Most = 64;

    private readonly SemaphoreSlim turn = new(1, 1);
    private int waiting;

    /// <summary>What has been written and is not committed yet; used only by whoever has the turn.</summary>
    private Batch? open;

    /// <summary>The turn for writing by other means than <see cref="Begin"/>.</summary>
    public async Task<IDisposable?> Enter(CancellationToken ct)
    {
        await Turn(ct).ConfigureAwait(false);
        open?.Commit();
        open = null;
        return new Slot(turn);
    }

    /// <param name="brief">May share its commit with others; what takes long does not let them wait for it.</param>
    public async Task<Writing> Begin(bool brief, CancellationToken ct)
    {
        await Turn(ct).ConfigureAwait(false);
        try
        {
            if (!brief || open?.Members.Count >= Most)
            {
                open?.Commit();
                open = null;
            }
            var (connection, transaction) = open is null ? await begin(ct) : (open.Connection, open.Transaction);
            open ??= new Batch(connection, transaction);
            return new Member(this, open, brief);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    private async Task Turn(CancellationToken ct)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            await turn.WaitAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>Comes with the turn.</summary>
    private async Task Written(Batch batch, bool brief)
    {
        if (!brief || Volatile.Read(ref waiting) == 0)
        {
            Close(batch);
        }
        else
        {
            turn.Release();
            using var over = new CancellationTokenSource();
            var again = turn.WaitAsync(over.Token);
            if (await Task.WhenAny(again, batch.Done.Task).ConfigureAwait(false) != again) over.Cancel();
            try
            {
                await again.ConfigureAwait(false);
                Close(batch);
            }
            catch (OperationCanceledException)
            {
                // Others have committed.
            }
        }
        await batch.Done.Task.ConfigureAwait(false);
    }

    private void Close(Batch batch)
    {
        try
        {
            if (open == batch)
            {
                open = null;
                batch.Commit();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>One transaction, and those who have written in it.</summary>
    private sealed class Batch(SqliteConnection connection, SqliteTransaction transaction)
    {
        public SqliteConnection Connection => connection;
        public SqliteTransaction Transaction => transaction;
        public List<Member> Members { get; } = [];
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>SQLite takes a transaction back by itself when the disk is full, or can't be read.</summary>
        public bool Lost => raw.sqlite3_get_autocommit(connection.Handle) != 0;

        public void Commit()
        {
            try
            {
                transaction.Commit();
            }
            catch (Exception e)
            {
                Fail(e);
                return;
            }
            // It is on disk: whatever closing says, all who have written are told so.
            try
            {
                End();
            }
            finally
            {
                Done.SetResult();
            }
        }

        /// <summary>Nothing of it stands: all who have written are told so.</summary>
        public void Fail(Exception e)
        {
            try
            {
                foreach (var member in Members) member.Undone?.Invoke();
                End();
            }
            catch (Exception ended) when (ended is SqliteException or InvalidOperationException)
            {
                // It had ended already; the first reason is told.
            }
            finally
            {
                Done.TrySetException(e);
                // Whoever waited has gone, where it was given up.
                _ = Done.Task.Exception;
            }
        }

        private void End()
        {
            try
            {
                transaction.Dispose();
            }
            finally
            {
                connection.Dispose();
            }
        }
    }

    private sealed class Member : Writing
    {
        private const string Mark = "member";
        private readonly SqliteWriters writers;
        private readonly Batch batch;
        private readonly bool brief, joined;
        private bool ended;

        /// <summary>Behind others, it can be taken back alone.</summary>
        public Member(SqliteWriters writers, Batch batch, bool brief)
        {
            (this.writers, this.batch, this.brief, joined) = (writers, batch, brief, batch.Members.Count > 0);
            if (joined) batch.Transaction.Save(Mark);
        }

        public override DbConnection Connection => batch.Connection;
        public override DbTransaction Transaction => batch.Transaction;

        public override Task Commit(CancellationToken ct)
        {
            ct.ThrowIfCancellationRequested();
            if (batch.Lost) throw new SqliteException("The transaction was taken back by the database.", raw.SQLITE_IOERR);
            if (joined) batch.Transaction.Release(Mark);
            batch.Members.Add(this);
            ended = true;
            return writers.Written(batch, brief);
        }

        public override ValueTask DisposeAsync()
        {
            if (ended) return ValueTask.CompletedTask;
            ended = true;
            try
            {
                Undone?.Invoke();
                if (!joined)
                {
                    writers.open = null;
                    batch.Fail(new OperationCanceledException());
                }
                else if (batch.Lost)
                {
                    writers.open = null;
                    batch.Fail(new SqliteException("The transaction was taken back by the database.", raw.SQLITE_IOERR));
                }
                else
                {
                    batch.Transaction.Rollback(Mark);
                    batch.Transaction.Release(Mark);
                }
            }
            catch (SqliteException e)
            {
                writers.open = null;
                batch.Fail(e);
            }
            finally
            {
                writers.turn.Release();
            }
            return ValueTask.CompletedTask;
        }
    }
}
