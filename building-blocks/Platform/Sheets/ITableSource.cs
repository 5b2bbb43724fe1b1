namespace KuaipuCrm.Platform.Sheets;

/// <summary>What a file format has to give to be read as a <see cref="SheetFile"/>.</summary>
internal interface ITableSource : IDisposable
{
    IReadOnlyList<string> Sheets { get; }

    IEnumerable<SheetRow> Rows(int sheet, CancellationToken cancellationToken);
}
