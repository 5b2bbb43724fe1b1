using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.FollowUp;

/// <summary>The rules by which next contacts are proposed and forgotten ones are found (SET-9, TRK-12).</summary>
/// <param name="Capacity">Contacts a person can make a day; a proposal goes to the next working day with room.</param>
/// <param name="SilentDays">So many days without a contact are a long silence.</param>
/// <param name="DeciderDays">So many days without meeting a decision maker are too many.</param>
public sealed record FollowUpRules(int Capacity, int SilentDays, int DeciderDays, IReadOnlyList<Frequency> Frequencies);

/// <param name="Kind"><c>key</c> for key customers, <c>type:direct</c> for a customer type, <c>*</c> for all others.</param>
/// <param name="Days">Days until the 2nd, 3rd, … nth contact; the last one counts for all that follow.</param>
public sealed record Frequency(string Kind, IReadOnlyList<int> Days);

internal sealed class Frequencies(IDb db)
{
    public const string Key = "key", Others = "*";

    /// <summary>The days of a long silence, and those in which a decision maker should be met: for the lists that go by them.</summary>
    public static readonly Sql Silent = $"select silent_days from tracking.setting where id = 1", Decider = $"select decider_days from tracking.setting where id = 1";

    public static string OfType(string type) => "type:" + type;

    public async Task<FollowUpRules> Load(CancellationToken ct)
    {
        var setting = await db.First<Setting>($"select capacity, silent_days, decider_days from tracking.setting where id = 1", ct) ?? new(8, 15, 30);
        var rows = await db.Query<Row>($"select kind, nth, days from tracking.frequency order by kind, nth", ct);
        return new((int)setting.Capacity, (int)setting.SilentDays, (int)setting.DeciderDays, [.. rows.GroupBy(r => r.Kind).Select(g => new Frequency(g.Key, [.. g.Select(r => (int)r.Days)]))]);
    }

    public async Task Save(FollowUpRules rules, CancellationToken ct)
    {
        await db.Execute($"delete from tracking.frequency", ct);
        await db.Insert("tracking.frequency", ["kind", "nth", "days"], rules.Frequencies.SelectMany(f => f.Days.Select((d, i) => new object?[] { f.Kind, (long)i + 2, (long)d })), ct);
        if (await db.Execute($"update tracking.setting set capacity = {rules.Capacity}, silent_days = {rules.SilentDays}, decider_days = {rules.DeciderDays} where id = 1", ct) == 0)
            await db.Insert("tracking.setting", ["id", "capacity", "silent_days", "decider_days"], [[1L, (long)rules.Capacity, (long)rules.SilentDays, (long)rules.DeciderDays]], ct);
    }

    private sealed record Setting(long Capacity, long SilentDays, long DeciderDays);
    private sealed record Row(string Kind, long Nth, long Days);
}

/// <summary>What an account set begins with: key customers more often than others.</summary>
internal sealed class FollowUpDefaults(IDb db, Frequencies frequencies) : ISeed
{
    public int Order => 60;

    public async Task Defaults(CancellationToken ct)
    {
        if (await db.First<long>($"select count(*) from tracking.setting", ct) > 0) return;
        await frequencies.Save(new(8, 15, 30,
        [
            new(Frequencies.Key, [2, 4, 7, 10, 15]),
            new(Frequencies.OfType("direct"), [3, 7, 15, 30]),
            new(Frequencies.OfType("agent"), [5, 10, 20, 30]),
            new(Frequencies.OfType("distributor"), [5, 10, 20, 30]),
            new(Frequencies.Others, [7, 15, 30]),
        ]), ct);
    }
}

/// <summary>The follow-up rules of the account set.</summary>
[Action("跟踪频率：查看", "tracking.customers.read", Route = "follow-up", Help = "各类客户第 2、3……n 次联系之前的天数，每人每天的联系容量，多少天算久未联系。")]
public sealed record GetFollowUp : IQuery<FollowUpRules>;

internal sealed class GetFollowUpHandler(Frequencies frequencies) : IQueryHandler<GetFollowUp, FollowUpRules>
{
    public Task<FollowUpRules> Handle(GetFollowUp query, CancellationToken ct) => frequencies.Load(ct);
}

/// <summary>Sets the follow-up rules; they count from the next proposal on.</summary>
[Action("跟踪频率：修改", TrackingModule.ManageFollowUp, Route = "follow-up", Help = "整体替换跟踪频率；kind 为 key（重点客户）、type:客户类型代码 或 *（其他客户）。",
    Example = "{\"capacity\":8,\"silentDays\":15,\"deciderDays\":30,\"frequencies\":[{\"kind\":\"key\",\"days\":[2,4,7]},{\"kind\":\"*\",\"days\":[7,15,30]}]}")]
public sealed record SetFollowUp(int Capacity, int SilentDays, int DeciderDays, IReadOnlyList<Frequency> Frequencies) : ICommand<Done>;

internal sealed class SetFollowUpHandler(Frequencies frequencies, IDictionaries dictionaries) : ICommandHandler<SetFollowUp, Done>
{
    private const int MostSteps = 20, MostDays = 3650;

    public async Task<Done> Handle(SetFollowUp c, CancellationToken ct)
    {
        if (c.Capacity is < 1 or > 200) throw new Invalid("capacity", "每天的联系容量须在 1 到 200 之间。");
        if (c.SilentDays is < 1 or > MostDays) throw new Invalid("silentDays", "天数须在 1 到 3650 之间。");
        if (c.DeciderDays is < 1 or > MostDays) throw new Invalid("deciderDays", "天数须在 1 到 3650 之间。");
        if (c.Frequencies is null || c.Frequencies.Any(f => f?.Kind is null || f.Days is null)) throw new Invalid("frequencies", "请给出各类客户的天数。");
        var types = dictionaries.Find("customer.type")?.Entries.Select(e => FollowUp.Frequencies.OfType(e.Code)).ToHashSet() ?? [];
        foreach (var f in c.Frequencies)
        {
            if (f.Kind is not (FollowUp.Frequencies.Key or FollowUp.Frequencies.Others) && !types.Contains(f.Kind)) throw new Invalid("frequencies", $"没有“{(f.Kind.Length > 40 ? f.Kind[..40] : f.Kind)}”这类客户。");
            if (f.Days.Count is 0 or > MostSteps) throw new Invalid("frequencies", $"每类客户可设 1 到 {MostSteps} 次联系。");
            if (f.Days.Any(d => d is < 1 or > MostDays)) throw new Invalid("frequencies", "天数须在 1 到 3650 之间。");
        }
        if (c.Frequencies.GroupBy(f => f.Kind).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new Invalid("frequencies", $"“{twice.Key}”重复了。");
        await frequencies.Save(new(c.Capacity, c.SilentDays, c.DeciderDays, c.Frequencies), ct);
        return default;
    }
}
