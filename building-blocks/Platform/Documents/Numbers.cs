using System.Globalization;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Gives documents their numbers by the numbering rule (DOC-1, SET-5): unique also with many callers and hosts.</summary>
internal sealed class Numbers(Db db, Engine engine, Caches caches, TimeProvider clock)
{
    public static NumberingRule Default(DocumentDefinition d) => new(d.Type, d.NumberPrefix, "month", 5, "month");

    public NumberingRule Rule(DocumentDefinition d) => caches.Numbering.GetValueOrDefault(d.Type) ?? Default(d);

    /// <summary>So many numbers, none of which is taken.</summary>
    public async Task<List<string>> Draw(DocumentDefinition d, int count, CancellationToken ct)
    {
        var rule = Rule(d);
        var today = TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, Zones.Find(caches.Company.TimeZone));
        var counter = $"number:{d.Type}:{Part(rule.Reset, today)}";
        var prefix = rule.Prefix + Part(rule.DatePart, today);
        var drawn = new List<string>(count);
        while (drawn.Count < count)
        {
            var want = count - drawn.Count;
            var last = await Draw(counter, want, ct);
            var numbers = Enumerable.Range(0, want).Select(i => prefix + (last - want + 1 + i).ToString(CultureInfo.InvariantCulture).PadLeft(rule.Digits, '0')).ToList();
            // Numbers brought along by an import, or left by a former rule, may be in the way.
            var all = Sql.Trusted($"{Sql.Guard}{d.Type}{Sql.Guard}");
            var taken = (await db.Query<string>($"select t.number from {Sql.Trusted(d.Table)} t where {all}{db.Dialect.In(Sql.Trusted("t.number"), numbers)}", ct)).ToHashSet();
            drawn.AddRange(numbers.Where(n => !taken.Contains(n)));
        }
        return drawn;
    }

    private async Task<long> Draw(string counter, int count, CancellationToken ct)
    {
        if (engine.Name == "sqlite") return await db.Draw(counter, count, ct);
        // On its own, so that creators don't wait for each other's transactions; a number lost by a rollback is a gap, never a double.
        await using var c = engine.Create(write: true);
        await c.OpenAsync(ct);
        return await engine.Draw(c, null, counter, count, ct);
    }

    private static string Part(string part, DateTime today) => part switch
    {
        "year" => today.ToString("yyyy", CultureInfo.InvariantCulture),
        "month" => today.ToString("yyyyMM", CultureInfo.InvariantCulture),
        "day" => today.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
        _ => "",
    };
}
