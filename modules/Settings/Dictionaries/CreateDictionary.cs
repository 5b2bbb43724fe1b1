using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Settings.Dictionaries;

/// <summary>Makes a dictionary with its entries, for the choices of a custom field (DOC-11).</summary>
[Action("新建字典", SettingsModule.ManageDictionaries, Route = "dictionaries", Help = "新建一个字典及其条目，用于自定义字段的选项；返回字典的代码。", Example = "{\"label\":\"合作意向\",\"entries\":[\"强\",\"一般\",\"弱\"]}")]
public sealed record CreateDictionary([Label("名称"), Required, MaxLength(40)] string Label, [Label("条目")] IReadOnlyList<string> Entries) : ICommand<string>;

internal sealed class CreateDictionaryHandler(IDb db, IDictionaries dictionaries, IIds ids, IChanged changed) : ICommandHandler<CreateDictionary, string>
{
    private const int Most = 500;

    public async Task<string> Handle(CreateDictionary command, CancellationToken ct)
    {
        var label = TextNorm.Clean(command.Label);
        var entries = (command.Entries ?? []).Select(e => TextNorm.Clean(e ?? "")).Where(e => e.Length > 0).Distinct().ToList();
        if (label.Length == 0) throw new Invalid("label", "请填写名称。");
        if (entries.Count == 0) throw new Invalid("entries", "请填写选项，一行一个。");
        if (entries.Count > Most) throw new Invalid("entries", $"一次最多 {Most} 个选项。");
        if (entries.FirstOrDefault(e => e.Length > 60) is { } large) throw new Invalid("entries", $"选项“{large[..20]}…”最多 60 个字。");
        if (dictionaries.All.Any(d => d.Label == label)) throw new Invalid("label", $"已有名为“{label}”的字典。");
        var id = "custom." + ids.Next().ToString(CultureInfo.InvariantCulture);
        var last = await db.First<long?>($"select max(position) from settings.dictionary", ct) ?? 0;
        await db.Insert("settings.dictionary", ["id", "label", "english", "position"], [[id, label, null, last + 1]], ct);
        var first = ids.Next(entries.Count);
        await db.Insert("settings.dictionary_entry", ["dictionary", "code", "label", "english", "parent", "position", "disabled"],
            entries.Select((e, i) => new object?[] { id, "u" + (first + i).ToString(CultureInfo.InvariantCulture), e, null, null, i + 1L, false }), ct);
        changed.Mark(Cached.Dictionaries);
        return id;
    }
}
