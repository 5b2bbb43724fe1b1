namespace KuaipuCrm.Platform.Transfer;

/// <summary>A table (<c>schema.table</c>) and its columns.</summary>
internal sealed record TableShape(string Name, IReadOnlyList<string> Columns, IReadOnlyList<ColumnKind> Kinds);
