using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Looks into uploaded files, starts imports, tells how they stand.</summary>
internal sealed class ImportHandlers(Db db, ModuleCatalog catalog, ImportColumns columns, ImportFiles files, Operations operations, ICurrentUser me, WorkSignal signal, IQueryHandler<GetOperation, OperationInfo> operation)
    : IQueryHandler<TakeImportFile, string>, IQueryHandler<InspectImport, ImportFile>, ICommandHandler<StartImport, long>, IQueryHandler<GetImport, ImportReport>
{
    public Task<string> Handle(TakeImportFile query, CancellationToken ct) => catalog.Document(query.Type).Importable
        ? files.Save(query.Content, query.Name, me.Id, ct) : throw new RuleBroken($"{catalog.Document(query.Type).Label}不支持导入。");

    public async Task<ImportFile> Handle(InspectImport query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var path = files.Find(query.File, me.Id);
        try
        {
            using var file = SheetFile.Open(path, ImportFiles.Limits);
            var sheet = Math.Clamp(query.Sheet, 0, file.Sheets.Count - 1);
            var rows = file.Rows(sheet, ct).Take(6).ToList();
            if (rows.Count == 0) throw new Invalid("file", "这个工作表是空的。");
            var width = rows.Max(r => r.Cells.Count);
            var headings = Enumerable.Range(0, width).Select(i => rows[0][i]?.Trim() ?? "").ToList();
            var kept = await db.First<string>($"select value from platform.preference where user_id = {me.Id} and name = {Preference(d)}", ct);
            var remembered = kept is null ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(kept);
            var guess = columns.Guess(d, headings, remembered);
            var targets = columns.Targets(d);
            return new ImportFile(query.File, files.NameOf(path), file.Sheets, sheet,
                [.. headings.Select((h, i) => new ImportColumn(i, h.Length > 0 ? h : L($"第 {i + 1} 列"), ErrorFile.IsColumn(h) ? null : guess[i], [.. rows.Skip(1).Select(r => r[i] ?? "").Where(v => v.Length > 0).Take(3).Select(v => v.Length > 40 ? v[..40] + "…" : v)]))],
                [.. targets.Select(t => new ImportTarget(t.Name, columns.Label(d, t), t.Field.Required && !t.Companion && t.Field.Default is null))],
                [.. d.UpdateKeys.Select(d.Field).Select(f => new ImportTarget(f.Name, f.Label, false))]);
        }
        catch (SheetException e)
        {
            throw new Invalid("file", e.Message);
        }
    }

    public async Task<long> Handle(StartImport command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        if (!d.Importable) throw new RuleBroken($"{d.Label}不支持导入。");
        var plan = command.Plan;
        if (plan?.File is null || plan.Columns is not { Count: > 0 }) throw new Invalid("columns", "请给出上传的文件和列的对应。");
        if (!Enum.IsDefined(plan.Mode)) throw new Invalid("mode", "没有这种导入方式。");
        if (plan.Columns.Any(c => c.Value is null || c.Key is < 0 or > 1000)) throw new Invalid("columns", "列的对应不正确。");
        var path = files.Find(plan.File, me.Id);
        var targets = columns.Targets(d).ToDictionary(t => t.Name);
        if (plan.Columns.Values.FirstOrDefault(c => !targets.ContainsKey(c)) is { } unknown) throw new Invalid("columns", $"没有名为“{unknown}”的字段。");
        if (plan.Columns.Values.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1 && !targets[g.Key].Field.Cascading) is { } twice) throw new Invalid("columns", $"“{columns.Label(d, targets[twice.Key])}”对应了不止一列。");
        if (plan.UpdateKey is { } key && (!d.UpdateKeys.Contains(key) || !plan.Columns.Values.Contains(key))) throw new Invalid("updateKey", "更新已有资料所用的字段，须有一列与之对应。");
        if (plan.UpdateKey is null && targets.Values.FirstOrDefault(t => t.Field.Required && !t.Companion && t.Field.Default is null && !plan.Columns.Values.Contains(t.Name)) is { } missing)
            throw new Invalid("columns", $"必填的“{missing.Field.Label}”还没有对应的列。");
        await Remember(d, path, plan, ct);
        var label = $"{(plan.Mode == ImportMode.DryRun ? "试导入" : "导入")}{d.Label}：{files.NameOf(path)}";
        var id = await operations.Begin(plan.Mode == ImportMode.DryRun ? "dryrun" : "import", label, d.Type, 0, "waiting", ct);
        await db.Execute($"update platform.operation set job = {JsonSerializer.Serialize(ImportJob.Begin(plan), Journal.Json)} where id = {id}", ct);
        db.OnCommit(signal.Wake);
        return id;
    }

    public async Task<ImportReport> Handle(GetImport query, CancellationToken ct)
    {
        var info = await operation.Handle(new GetOperation(query.OperationId), ct);
        var plan = await db.First<string>($"select job from platform.operation where id = {query.OperationId} and kind in ('import', 'dryrun')", ct) ?? throw new NotFound("导入");
        var state = JsonSerializer.Deserialize<ImportJob.State>(plan)!;
        return new(info, state.Plan.Mode, state.Kinds, state.Findings, info.HasFile, state.Created, state.Updated, state.Warned);
    }

    /// <summary>Headings and fields, for the next file of this kind.</summary>
    private async Task Remember(DocumentDefinition d, string path, ImportPlan plan, CancellationToken ct)
    {
        using var file = SheetFile.Open(path, ImportFiles.Limits);
        if (plan.Sheet < 0 || plan.Sheet >= file.Sheets.Count) throw new Invalid("sheet", "没有这个工作表。");
        if (file.Rows(plan.Sheet, ct).FirstOrDefault() is not { } headings) throw new Invalid("file", "这个工作表是空的。");
        var chosen = plan.Columns.Where(c => headings[c.Key] is { Length: > 0 }).GroupBy(c => headings[c.Key]!.Trim()).ToDictionary(g => g.Key, g => g.First().Value);
        var name = Preference(d);
        await db.Execute($"delete from platform.preference where user_id = {me.Id} and name = {name}", ct);
        await db.Insert("platform.preference", ["user_id", "name", "value"], [[me.Id, name, JsonSerializer.Serialize(chosen, Journal.Json)]], ct);
    }

    private static string Preference(DocumentDefinition d) => $"import.{d.Type}";
}
