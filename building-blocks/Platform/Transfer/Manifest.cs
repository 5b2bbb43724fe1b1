namespace KuaipuCrm.Platform.Transfer;

/// <summary>What a backup holds, and how to tell that it is whole.</summary>
internal sealed record Manifest(int Format, string Program, DateTime MadeAt, string Engine, Dictionary<string, long> Schemas, List<TableEntry> Tables, Dictionary<string, long> Numbered, List<FileEntry> Files)
{
    public const int CurrentFormat = 1;
}

internal sealed record TableEntry(string Name, IReadOnlyList<string> Columns, long Rows, string Checksum);

internal sealed record FileEntry(string Path, long Size, string Sha256);
