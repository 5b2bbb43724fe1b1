namespace KuaipuCrm.Platform.Sheets.Csv;

/// <summary>Finds out what separates the values of a text file.</summary>
internal static class Separators
{
    private const int Records = 20;
    private static readonly char[] Candidates = [',', '\t', ';'];

    /// <summary>The separator that most records have, and whether the first line names it (sep=;).</summary>
    public static (char Separator, bool Named) Detect(ReadOnlySpan<char> sample)
    {
        if (sample.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && sample.Length > 5 && sample[5] is '\r' or '\n')
            return (sample[4], true);

        var counts = new List<int[]>();
        var current = new int[Candidates.Length];
        var quoted = false;
        foreach (var c in sample)
        {
            if (c == '"') quoted = !quoted;
            if (quoted) continue;
            var candidate = Array.IndexOf(Candidates, c);
            if (candidate >= 0) current[candidate]++;
            if (c is not ('\n' or '\r')) continue;
            Close();
            if (counts.Count == Records) break;
        }
        Close();
        return (Candidates[Enumerable.Range(0, Candidates.Length).MaxBy(Score)], false);

        void Close()
        {
            if (current.Any(n => n > 0)) counts.Add(current);
            current = new int[Candidates.Length];
        }

        // In how many records it stands at all, then how often in a usual one: commas in a remark are not in every record.
        (int, int) Score(int candidate) => counts.Count == 0
            ? default
            : (counts.Count(c => c[candidate] > 0), counts.Select(c => c[candidate]).Order().ElementAt(counts.Count / 2));
    }
}
