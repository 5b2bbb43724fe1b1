using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>What one run has seen and found so far.</summary>
internal sealed class ImportRun
{
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["required"] = "缺少必填内容",
        ["duplicate"] = "文件内重复",
        ["existing"] = "与已有资料重复",
        ["invalid"] = "格式不正确",
        ["choice"] = "不在字典中",
        ["reference"] = "找不到所指的人或资料",
        ["length"] = "内容过长",
        ["formula"] = "像公式的文字（按文字导入）",
        ["other"] = "其他",
    };

    private readonly Dictionary<(string Code, bool Fault), int> kinds;
    private readonly List<ImportFinding> findings;

    public ImportRun(DocumentDefinition definition, ImportJob.State state, IReadOnlyList<(int Index, string Title, ImportColumns.Target Target)> columns)
    {
        (Definition, State, Columns) = (definition, state, columns);
        kinds = state.Kinds.ToDictionary(k => (k.Code, k.Fault), k => k.Count);
        findings = [.. state.Findings];
        Counted = (state.Created, state.Updated, state.Warned);
    }

    /// <summary>Rows carried out so far, and those of them with something to point out.</summary>
    public (int Created, int Updated, int Warned) Counted { get; set; }

    public DocumentDefinition Definition { get; }
    public ImportJob.State State { get; }
    public IReadOnlyList<(int Index, string Title, ImportColumns.Target Target)> Columns { get; }
    /// <summary>What makes rows the same → the row that had it first.</summary>
    public Dictionary<string, First> Seen { get; } = [];
    /// <summary>Line → its faults, for the error file.</summary>
    public Dictionary<int, string> FaultyLines { get; } = [];
    public int Good => Counted.Created + Counted.Updated;
    public int Faulty => FaultyLines.Count;

    public string? TitleOf(FieldDefinition f) => Columns.FirstOrDefault(c => c.Target.Field == f).Title;

    /// <summary>Faults found before the host was stopped, up to the line that was reached then.</summary>
    public void Remember(string log)
    {
        if (State.Line == 0 || !File.Exists(log)) return;
        foreach (var entry in File.ReadLines(log))
            if (entry.Split('\t', 2) is [var line, var faults] && int.TryParse(line, CultureInfo.InvariantCulture, out var at) && at <= State.Line) FaultyLines[at] = faults;
    }

    public void Count(IReadOnlyList<Prepared> prepared)
    {
        foreach (var p in prepared)
        {
            if (p.Row.Faulty)
            {
                FaultyLines[p.Row.Line] = string.Join("；", p.Row.Findings.Where(f => f.Fault).Select(f => f.Message));
                continue;
            }
            var update = p.Change?.Kind == ChangeKind.Update;
            Counted = (Counted.Created + (update ? 0 : 1), Counted.Updated + (update ? 1 : 0), Counted.Warned + (p.Row.Findings.Count > 0 ? 1 : 0));
        }
    }

    public void Keep(IReadOnlyList<Prepared> prepared, int most)
    {
        foreach (var f in prepared.SelectMany(p => p.Row.Findings))
        {
            kinds[(f.Code, f.Fault)] = kinds.GetValueOrDefault((f.Code, f.Fault)) + 1;
            if (findings.Count < most) findings.Add(f);
        }
    }

    public ImportJob.State ToState(int line) => new(State.Plan, line, Counted.Created, Counted.Updated, Counted.Warned,
        [.. kinds.OrderByDescending(k => k.Value).Select(k => new ImportKind(k.Key.Code, Labels.GetValueOrDefault(k.Key.Code, k.Key.Code), k.Value, k.Key.Fault))], [.. findings]);

    /// <summary>The first row of a record; further ones that say the same of it, or nothing, may bring it further companions.</summary>
    /// <param name="Said">Stands for all that the row says of the record.</param>
    public sealed class First(int line, int said)
    {
        private Dictionary<string, int>? companions;

        public int Line { get; } = line;
        /// <summary>Set while its chunk is being carried out.</summary>
        public Prepared? Row { get; set; }
        /// <summary>Set when it has been written; null where an earlier run of a stopped import did that.</summary>
        public (long Id, long? OwnerId, long? DepartmentId)? Written { get; set; }

        public bool Takes(int otherSaid, string? companion, int line) => (otherSaid == said || otherSaid == 0) && Has(companion, line);

        /// <returns>Whether this line is the first to bring it.</returns>
        public bool Has(string? companion, int line) => companion is not null && ((companions ??= []).TryAdd(companion, line) || companions[companion] == line);
    }

    /// <summary>A row with what shall be written for it.</summary>
    public sealed class Prepared(RowReader.Row row, First? joins)
    {
        public RowReader.Row Row { get; } = row;
        /// <summary>The row whose record this one only adds a companion to; there is no change of its own then.</summary>
        public First? Joins { get; } = joins;
        /// <summary>Where this row is the first of its record.</summary>
        public First? Opens { get; init; }
        public Change? Change { get; private set; }
        public Change? Companion { get; private set; }

        public void Take(Change change, Func<FieldDefinition, string?> title, DocumentDefinition d)
        {
            Change = change;
            Add(change, title, d);
        }

        public void TakeCompanion(Change change, Func<FieldDefinition, string?> title, DocumentDefinition d)
        {
            Companion = change;
            Add(change, title, d);
        }

        private void Add(Change change, Func<FieldDefinition, string?> title, DocumentDefinition d)
        {
            foreach (var e in change.Errors)
            {
                var f = e.Field.Length > 0 ? d.Find(e.Field) : null;
                var column = f is null ? null : title(f);
                // Said already: an unknown choice leaves a required field empty.
                if (column is not null && Row.Findings.Any(x => x.Fault && x.Column == column)) continue;
                Row.Fault(column, Code(e.Message), e.Message);
            }
        }

        private static string Code(string message) => message.StartsWith("请填写", StringComparison.Ordinal) ? "required"
            : message.StartsWith("与已有", StringComparison.Ordinal) || message.Contains("相同。", StringComparison.Ordinal) ? "existing"
            : message.Contains("个字", StringComparison.Ordinal) ? "length"
            : message.Contains("不是有效", StringComparison.Ordinal) || message.Contains("必须是", StringComparison.Ordinal) || message.Contains("信用代码", StringComparison.Ordinal) ? "invalid" : "other";
    }
}
