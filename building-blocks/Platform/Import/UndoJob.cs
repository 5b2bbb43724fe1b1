using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Takes a large operation back in steps, so that others can write in between.</summary>
internal sealed class UndoJob(Db db, Reverter reverter, Merging.Merger merger, Journal journal, Operations operations, TimeProvider clock)
{
    public async Task<string> Run(long undo, long operation, CancellationToken ct)
    {
        var done = 0;
        var problems = new List<RowProblem>();
        var last = long.MaxValue;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (await db.First<string>($"select state from platform.operation where id = {undo}", ct) == "cancelling") return "cancelled";
            var step = await db.Unit(async () =>
            {
                journal.OperationId = undo;
                try
                {
                    var s = await reverter.Step(operation, last, ct);
                    if (s.Last is not null) await db.Execute($"update platform.operation set done = {done + s.Done}, failed = {problems.Count + s.Problems.Count}, seen_at = {clock.GetUtcNow().UtcDateTime} where id = {undo}", ct);
                    return s;
                }
                finally
                {
                    journal.OperationId = null;
                }
            }, ct);
            if (step.Last is null) break;
            last = step.Last.Value;
            done += step.Done;
            if (problems.Count < 1000) problems.AddRange(step.Problems);
        }
        var (back, kept) = await db.Unit(async () =>
        {
            journal.OperationId = undo;
            try
            {
                return await merger.Part(operation, ct);
            }
            finally
            {
                journal.OperationId = null;
            }
        }, ct);
        done += back;
        problems.AddRange(kept);
        await db.Unit(() => operations.End(undo, "done", done, problems.Count, null, problems, ct), ct);
        return "done";
    }
}
