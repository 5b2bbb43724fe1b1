using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Import;

/// <summary>Turns a sheet's texts into values: labels into codes, names into ids. What can't be is said of the row.</summary>
internal sealed class RowReader(Db db, IScope scope, Caches caches, ModuleCatalog catalog)
{
    private readonly Dictionary<string, ILookup<string, DictionaryEntry>> labels = [];
    private ILookup<string, Person>? people;
    private Dictionary<string, long>? departments;

    /// <summary>One row on its way in.</summary>
    public sealed class Row(int line, SheetRow cells)
    {
        public int Line { get; } = line;
        public SheetRow Cells { get; } = cells;
        public Dictionary<string, object?> Values { get; } = [];
        public Dictionary<string, object?> Companion { get; } = [];
        public List<ImportFinding> Findings { get; } = [];
        public bool Faulty => Findings.Any(f => f.Fault);
        private int? read;

        public void Fault(string? column, string code, string message) => Findings.Add(new(Line, column, code, message, true));

        /// <summary>Before it is looked at, again maybe: what its cells say by themselves stays.</summary>
        public void Anew()
        {
            if (read is { } own) Findings.RemoveRange(own, Findings.Count - own);
            else read = Findings.Count;
        }

        /// <summary>It can't be written, whatever is found when it is looked at again.</summary>
        public void Refuse(string message)
        {
            Anew();
            Fault(null, "other", message);
            read = Findings.Count;
        }
    }

    /// <summary>Reads what a row says by itself: all but references to other documents. Asks the database nothing, so that it may be done while rows before are being written.</summary>
    public List<Row> Cells(IReadOnlyList<SheetRow> rows, IReadOnlyList<(int Index, string Title, ImportColumns.Target Target)> columns)
    {
        var read = rows.Select(r => new Row(r.Line, r)).ToList();
        foreach (var (index, title, target) in columns.Where(c => Document(c.Target) is null))
            foreach (var row in read)
                if (row.Cells[index] is { } text && text.Trim().Length > 0) Cell(row, title, target, text);
        return read;
    }

    /// <summary>References to other documents, looked up once for all rows; among them may be those that were written just before.</summary>
    public async Task References(List<Row> rows, IReadOnlyList<(int Index, string Title, ImportColumns.Target Target)> columns, CancellationToken ct)
    {
        // What is chosen among another document's comes after that document.
        foreach (var (index, title, target) in columns.OrderBy(c => c.Target.Field.Among is null ? 0 : 1))
            if (Document(target) is { } type) await Documents(rows, index, title, target, type, ct);
    }

    private static string? Document(ImportColumns.Target target) => target.Field is { Kind: FieldKind.Reference, RefersTo: { } type and not ("user" or "department") } ? type : null;

    private void Cell(Row row, string title, ImportColumns.Target target, string text)
    {
        var f = target.Field;
        var into = target.Companion ? row.Companion : row.Values;
        if (SheetRow.IsError(text))
        {
            row.Fault(title, "invalid", $"{f.Label}是表格中的错误值 {text}，请改为实际内容。");
            return;
        }
        if (f.Kind is FieldKind.Text or FieldKind.LongText && text.Length > 1 && text[0] is '=' or '+' or '-' or '@' && !double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _))
            row.Findings.Add(new(row.Line, title, "formula", $"{f.Label}以“{text[0]}”开头，像是公式，将按普通文字导入。", false));
        object? value = f.Kind switch
        {
            FieldKind.Choice => Choice(row, title, f, text.Trim(), into.GetValueOrDefault(f.Name) as string),
            FieldKind.Reference when f.RefersTo == "user" => User(row, title, f, text.Trim()),
            FieldKind.Reference => Department(row, title, f, text.Trim()),
            _ => text,
        };
        if (value is not null) into[f.Name] = value;
    }

    private string? Choice(Row row, string title, FieldDefinition f, string text, string? before)
    {
        var known = labels.TryGetValue(f.Dictionary!, out var l) ? l : labels[f.Dictionary!] = Labels(f.Dictionary!);
        var found = known[TextNorm.Fold(text)].ToList();
        if (found.Count == 0 && f.Cascading) found = [.. known[Places.Short(text)]];
        if (found.Count == 0)
        {
            row.Fault(title, "choice", $"{f.Label}“{(text.Length > 30 ? text[..30] + "…" : text)}”不在字典中。");
            return before;
        }
        // 江苏 and 苏州 in two columns: the second one below the first is the more exact one.
        var below = before is null ? null : found.FirstOrDefault(e => e.Parent == before);
        return (below ?? (before is null ? found[0] : found.FirstOrDefault(e => e.Parent is not null) ?? found[0])).Code;
    }

    private ILookup<string, DictionaryEntry> Labels(string dictionary)
    {
        var entries = caches.Dictionaries.Find(dictionary)?.Entries ?? [];
        return entries.SelectMany(e => new[] { e.Label, e.Code, e.English ?? "", Places.Short(e.Label), Short(e.Label) }.Where(k => k.Length > 0).Select(k => (Key: TextNorm.Fold(k), Entry: e)).DistinctBy(p => p.Key))
            .ToLookup(p => p.Key, p => p.Entry);
    }

    /// <summary>A级 for A级(重点客户).</summary>
    private static string Short(string label) => label.IndexOfAny(['(', '（']) is > 0 and var at ? label[..at] : "";

    private object? User(Row row, string title, FieldDefinition f, string text)
    {
        people ??= caches.Organization.People.SelectMany(p => new[] { (Key: TextNorm.Fold(p.Name), p), (Key: TextNorm.Fold(p.Login), p) }.DistinctBy(x => x.Key)).ToLookup(x => x.Key, x => x.p);
        var found = people[TextNorm.Fold(text)].Where(p => p.Enabled || f.Name is "createdBy" or "updatedBy").ToList();
        if (found.Count == 1) return found[0].Id;
        row.Fault(title, "reference", found.Count == 0 ? $"{f.Label}“{(text.Length > 20 ? text[..20] : text)}”不是系统用户，或已停用。" : $"{f.Label}“{text}”有 {found.Count} 位同名用户，请改填登录名。");
        return null;
    }

    private object? Department(Row row, string title, FieldDefinition f, string text)
    {
        departments ??= caches.Organization.Departments.GroupBy(d => TextNorm.Fold(d.Name)).ToDictionary(g => g.Key, g => g.First().Id);
        if (departments.TryGetValue(TextNorm.Fold(text), out var id)) return id;
        row.Fault(title, "reference", $"{f.Label}“{(text.Length > 20 ? text[..20] : text)}”不存在。");
        return null;
    }

    private async Task Documents(List<Row> rows, int index, string title, ImportColumns.Target target, string type, CancellationToken ct)
    {
        var wanted = rows.Select(r => TextNorm.Clean(r.Cells[index] ?? "")).Where(t => t.Length > 0).Distinct().ToList();
        if (wanted.Count == 0) return;
        var d = catalog.Document(type);
        var t = Sql.Trusted(d.Table);
        var name = Sql.Trusted("t." + d.Title.Column);
        var found = (await db.Read($"select t.id, t.number, {name} from {t} t where ({db.Dialect.In(name, wanted)} or {db.Dialect.In(Sql.Trusted("t.number"), wanted)}) and t.deleted_at is null and {scope.Of(type, "t")}",
            r => (Id: r.GetInt64(0), Number: r.GetString(1), Title: r.GetString(2)), ct));
        var byText = found.SelectMany(x => new[] { (Key: x.Number, x.Id), (Key: x.Title, x.Id) }).Distinct().ToLookup(x => x.Key, x => x.Id);
        foreach (var row in rows)
        {
            if (TextNorm.Clean(row.Cells[index] ?? "") is not { Length: > 0 } text) continue;
            var ids = byText[text].Distinct().ToList();
            if (ids.Count > 1) ids = await Among(row, target, ids, ct);
            if (ids.Count == 1) (target.Companion ? row.Companion : row.Values)[target.Field.Name] = ids[0];
            else row.Fault(title, "reference", ids.Count == 0 ? $"{target.Field.Label}“{(text.Length > 30 ? text[..30] : text)}”不存在，或您无权查看。" : $"{target.Field.Label}“{text}”有 {ids.Count} 个同名的，请改填编号。");
        }
    }

    /// <summary>Of several of one name those that belong to the document the row names: the customer's own 王伟.</summary>
    private async Task<List<long>> Among(Row row, ImportColumns.Target target, List<long> ids, CancellationToken ct)
    {
        if (target.Field.Among is not { } among || row.Values.GetValueOrDefault(among.Field) is not long of || catalog.FindDocument(target.Field.RefersTo!) is not { } d) return ids;
        var tie = catalog.Documents.Where(o => o.Fields.Contains(target.Field)).Select(o => o.Field(among.Field).RefersTo).OfType<string>().SelectMany(catalog.TabsOn).FirstOrDefault(t => t.Name == among.Tab && t.Type == d.Type);
        if (tie is null) return ids;
        var own = await db.Query<long>($"select t.id from {Sql.Trusted(d.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and {tie.Tie("t", of)} and {scope.Of(d.Type, "t")}", ct);
        return own.Count == 1 ? [.. own] : ids;
    }
}
