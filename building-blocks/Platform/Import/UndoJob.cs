using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Takes a large operation back in steps, so that others can write in between. How far it went stands in the undoing's own row, written with each step.</summary>
internal sealed class UndoJob(Db db, Engine engine, Reverter reverter, Merging.Merger merger, Journal journal, Operations operations, TimeProvider clock)
{
    private const int Tries = 4;

    /// <param name="Last">The entry of the history reached.</param>
    private sealed record State(long Last, int Done, List<RowProblem> Problems);

    /// <returns>How it ended, and how many rows could not be taken back.</returns>
    public async Task<(string State, int Problems)> Run(long undo, long operation, CancellationToken ct)
    {
        var state = await db.First<string>($"select job from platform.operation where id = {undo}", ct) is { } kept ? JsonSerializer.Deserialize<State>(kept)! : new(long.MaxValue, 0, []);
        var problems = state.Problems;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (await db.First<string>($"select state from platform.operation where id = {undo}", ct) == "cancelling") return ("cancelled", problems.Count);
            var step = await Within(undo, async () =>
            {
                var s = await reverter.Step(undo, operation, state.Last, ct);
                if (s.Last is null) return s;
                var (reached, now) = (new State(s.Last.Value, state.Done + s.Done, [.. problems, .. s.Problems]), clock.GetUtcNow().UtcDateTime);
                await db.Execute($"update platform.operation set done = {reached.Done}, failed = {reached.Problems.Count}, seen_at = {now}, job = {JsonSerializer.Serialize(reached, Journal.Json)} where id = {undo}", ct);
                // An import that takes itself back is at work, too.
                await db.Execute($"update platform.operation set seen_at = {now} where id = {operation} and state = 'running'", ct);
                return s;
            }, ct);
            if (step.Last is null) break;
            problems.AddRange(step.Problems);
            state = state with { Last = step.Last.Value, Done = state.Done + step.Done };
        }
        var (back, left) = await Within(undo, () => merger.Part(operation, ct), ct);
        problems.AddRange(left);
        await db.Unit(() => operations.End(undo, "done", state.Done + back, problems.Count, null, problems, ct), ct);
        return ("done", problems.Count);
    }

    /// <summary>Others work meanwhile: what they change between look and write is looked at again.</summary>
    private async Task<T> Within<T>(long undo, Func<Task<T>> work, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await db.Unit(async () =>
                {
                    using var act = journal.Within(undo);
                    return await work();
                }, ct);
            }
            catch (Exception e) when (tries < Tries && Overtaken.By(e, engine))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 * tries), ct);
            }
        }
    }
}
