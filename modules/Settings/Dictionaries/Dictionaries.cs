using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Settings.Dictionaries;

/// <summary>Tells the platform the dictionaries.</summary>
internal sealed class LoadDictionariesHandler(IDb db) : IQueryHandler<LoadDictionaries, IReadOnlyList<DictionaryData>>
{
    public async Task<IReadOnlyList<DictionaryData>> Handle(LoadDictionaries query, CancellationToken ct)
    {
        var entries = (await db.Query<EntryRow>($"select dictionary, code, label, english, parent, disabled from settings.dictionary_entry order by dictionary, position, code", ct)).ToLookup(e => e.Dictionary);
        return [.. (await db.Query<DictionaryRow>($"select id, label from settings.dictionary order by position, id", ct))
            .Select(d => new DictionaryData(d.Id, d.Label, [.. entries[d.Id].Select(e => new DictionaryEntry(e.Code, e.Label, e.English, e.Parent, e.Disabled))]))];
    }

    private sealed record DictionaryRow(string Id, string Label);

    private sealed record EntryRow(string Dictionary, string Code, string Label, string? English, string? Parent, bool Disabled);
}

/// <summary>All dictionaries with their entries.</summary>
[Action("字典", SettingsModule.ReadDictionaries, Route = "dictionaries", Help = "所有字典及其条目。")]
public sealed record ListDictionaries : IQuery<IReadOnlyList<DictionaryData>>;

internal sealed class ListDictionariesHandler(IDictionaries dictionaries) : IQueryHandler<ListDictionaries, IReadOnlyList<DictionaryData>>
{
    public Task<IReadOnlyList<DictionaryData>> Handle(ListDictionaries query, CancellationToken ct) => Task.FromResult(dictionaries.All);
}

/// <summary>Adds an entry or changes one (SET-4). A code once used never changes; an entry no longer wanted is disabled, so that old records keep their label.</summary>
/// <param name="Code">None for a new entry: one is made.</param>
[Action("保存字典项", SettingsModule.ManageDictionaries, Route = "dictionaries/{dictionary}/entries", Help = "新增或修改一个字典条目；已被使用的只能停用，不能删除。",
    Example = "{\"label\":\"新能源\",\"english\":\"New energy\",\"disabled\":false}")]
public sealed record SaveEntry(string Dictionary, string? Code, [Label("名称"), Required, MaxLength(60)] string Label, [Label("英文名称"), MaxLength(60)] string? English, string? Parent, bool Disabled) : ICommand<string>;

internal sealed class SaveEntryHandler(IDb db, IDictionaries dictionaries, IIds ids, IChanged changed) : ICommandHandler<SaveEntry, string>
{
    public async Task<string> Handle(SaveEntry command, CancellationToken ct)
    {
        var dictionary = dictionaries.Find(command.Dictionary) ?? throw new NotFound("字典");
        var label = TextNorm.Clean(command.Label);
        if (dictionary.Entries.Any(e => e.Code != command.Code && e.Label == label && e.Parent == command.Parent)) throw new Invalid("label", $"已有名为“{label}”的字典项。");
        if (command.Parent is { } parent && dictionary.Entries.All(e => e.Code != parent)) throw new Invalid("parent", "上级字典项不存在。");
        // Up from the new parent: whoever comes upon the entry itself would be below itself.
        for (var (at, depth) = (command.Parent, 0); at is not null; at = dictionary.Entries.FirstOrDefault(e => e.Code == at)?.Parent)
        {
            if (at == command.Code) throw new Invalid("parent", "上级不能是自己或自己的下级。");
            if (++depth > 5) throw new Invalid("parent", "字典最多 6 级。");
        }
        if (command.Code is { Length: > 0 } code)
        {
            if (await db.Execute($"update settings.dictionary_entry set label = {label}, english = {command.English}, parent = {command.Parent}, disabled = {command.Disabled} where dictionary = {dictionary.Id} and code = {code}", ct) == 0)
                throw new NotFound("字典项");
        }
        else
        {
            code = "u" + ids.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);
            var last = await db.First<long?>($"select max(position) from settings.dictionary_entry where dictionary = {dictionary.Id}", ct) ?? 0;
            await db.Insert("settings.dictionary_entry", ["dictionary", "code", "label", "english", "parent", "position", "disabled"], [[dictionary.Id, code, label, command.English, command.Parent, last + 1, command.Disabled]], ct);
        }
        changed.Mark(Cached.Dictionaries);
        return code;
    }
}

/// <summary>Puts a dictionary's entries in a new order.</summary>
[Action("字典排序", SettingsModule.ManageDictionaries, Route = "dictionaries/{dictionary}/order", Help = "设置字典条目的顺序。")]
public sealed record OrderEntries(string Dictionary, IReadOnlyList<string> Codes) : ICommand<Done>;

internal sealed class OrderEntriesHandler(IDb db, IChanged changed) : ICommandHandler<OrderEntries, Done>
{
    public async Task<Done> Handle(OrderEntries command, CancellationToken ct)
    {
        if (command.Codes is not { Count: > 0 }) throw new Invalid("codes", "请给出字典项的顺序。");
        for (var i = 0; i < command.Codes.Count; i++)
            await db.Execute($"update settings.dictionary_entry set position = {i + 1} where dictionary = {command.Dictionary} and code = {command.Codes[i]}", ct);
        changed.Mark(Cached.Dictionaries);
        return default;
    }
}

/// <summary>The entries every account set begins with.</summary>
internal sealed class DictionaryDefaults(IDb db, IChanged changed) : ISeed
{
    public int Order => 10;

    public async Task Defaults(CancellationToken ct)
    {
        var known = (await db.Query<string>($"select id from settings.dictionary", ct)).ToHashSet();
        var position = known.Count;
        var fresh = Lines("dictionaries.tsv").Where(d => !known.Contains(d[0])).ToList();
        if (fresh.Count == 0) return;
        await db.Insert("settings.dictionary", ["id", "label", "english", "position"], fresh.Select(d => new object?[] { d[0], d[1], d[2], (long)++position }), ct);
        var ids = fresh.Select(d => d[0]).ToHashSet();
        await db.Insert("settings.dictionary_entry", ["dictionary", "code", "label", "english", "parent", "position", "disabled"],
            Lines("entries.tsv").Where(e => ids.Contains(e[0])).Select(e => new object?[] { e[0], e[1], e[2], e[3].Length > 0 ? e[3] : null, e.Length > 5 && e[5].Length > 0 ? e[5] : null, long.Parse(e[4], System.Globalization.CultureInfo.InvariantCulture), false }), ct);
        changed.Mark(Cached.Dictionaries);
    }

    private static IEnumerable<string[]> Lines(string file)
    {
        using var reader = new StreamReader(typeof(DictionaryDefaults).Assembly.GetManifestResourceStream($"KuaipuCrm.Settings.Defaults.{file}")!);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#') yield return line.Split('\t');
    }
}
