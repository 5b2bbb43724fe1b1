using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Numbering;

internal sealed class LoadNumberingRulesHandler(IDb db) : IQueryHandler<LoadNumberingRules, IReadOnlyList<NumberingRule>>
{
    public Task<IReadOnlyList<NumberingRule>> Handle(LoadNumberingRules query, CancellationToken ct) =>
        db.Query<NumberingRule>($"select type, prefix, date_part, digits, reset from settings.numbering_rule", ct);
}

/// <summary>The numbering rules set by administrators; types not named follow their declared default.</summary>
[Action("编号规则", SettingsModule.ReadNumbering, Route = "numbering", Help = "各类单据的编号规则：前缀、日期、位数、何时重新计数。")]
public sealed record ListNumbering : IQuery<IReadOnlyList<NumberingRule>>;

internal sealed class ListNumberingHandler(IDb db) : IQueryHandler<ListNumbering, IReadOnlyList<NumberingRule>>
{
    public Task<IReadOnlyList<NumberingRule>> Handle(ListNumbering query, CancellationToken ct) =>
        db.Query<NumberingRule>($"select type, prefix, date_part, digits, reset from settings.numbering_rule order by type", ct);
}

/// <summary>Sets how new documents of a type are numbered (SET-5); numbers given before stay.</summary>
[Action("修改编号规则", SettingsModule.ManageNumbering, Route = "numbering/{type}", Help = "修改一类单据的编号规则，只影响此后的编号。",
    Example = "{\"prefix\":\"KH\",\"datePart\":\"month\",\"digits\":4,\"reset\":\"month\"}")]
public sealed record SetNumbering(string Type, [Label("前缀"), MaxLength(12)] string Prefix, string DatePart, [Label("位数"), Range(3, 10)] int Digits, string Reset) : ICommand<Done>;

internal sealed class SetNumberingHandler(IDb db, ICatalog catalog, IChanged changed) : ICommandHandler<SetNumbering, Done>
{
    private static readonly string[] Parts = ["none", "year", "month", "day"];

    public async Task<Done> Handle(SetNumbering r, CancellationToken ct)
    {
        if (catalog.FindDocument(r.Type) is null) throw new NotFound("单据类型");
        if (!Parts.Contains(r.DatePart)) throw new Invalid("datePart", "日期部分只能是无、年、年月、年月日。");
        if (!Parts.Contains(r.Reset)) throw new Invalid("reset", "重新计数只能是从不、每年、每月、每日。");
        if (Array.IndexOf(Parts, r.Reset) > Array.IndexOf(Parts, r.DatePart)) throw new Invalid("reset", "重新计数的周期不能比日期部分更细，否则编号会重复。");
        if (r.Prefix.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))) throw new Invalid("prefix", "前缀只能用字母、数字、横线和下划线。");
        if (await db.Execute($"update settings.numbering_rule set prefix = {r.Prefix}, date_part = {r.DatePart}, digits = {r.Digits}, reset = {r.Reset} where type = {r.Type}", ct) == 0)
            await db.Insert("settings.numbering_rule", ["type", "prefix", "date_part", "digits", "reset"], [[r.Type, r.Prefix, r.DatePart, (long)r.Digits, r.Reset]], ct);
        changed.Mark(Cached.Numbering);
        return default;
    }
}
