using System.Buffers;

namespace KuaipuCrm.Platform.Sheets.Csv;

/// <summary>Writes a .csv; see <see cref="SheetWriter.CreateCsv"/>.</summary>
internal sealed class CsvWriter(Stream stream, IReadOnlyList<SheetColumn> columns) : ISheetWriter
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",;\"\r\n\t");

    private readonly TextBuffer _out = new();
    private bool _started, _done;

    public async ValueTask WriteRow(IReadOnlyList<object?> cells, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cells.Count, columns.Count, nameof(cells));
        Start();
        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0) _out.Text.Append(',');
            if (i < cells.Count && cells[i] is { } value) Append(value, columns[i].Kind);
        }
        _out.Text.Append("\r\n");
        if (_out.IsFull) await stream.WriteAsync(_out.Take(), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_done) return;
        _done = true;
        Start();
        await stream.WriteAsync(_out.Take());
        await stream.FlushAsync();
    }

    private void Start()
    {
        if (_started) return;
        _started = true;
        _out.Text.Append('\uFEFF');
        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0) _out.Text.Append(',');
            Append(columns[i].Title, SheetColumnKind.Text);
        }
        _out.Text.Append("\r\n");
    }

    private void Append(object value, SheetColumnKind kind)
    {
        var text = CellValue.Text(value, kind);
        // A negative number in a text column stays a number to a spreadsheet; only what came as text can carry a formula.
        if (!CellValue.IsNumber(value)) text = CsvGuard.Add(text);
        var quoted = text.AsSpan().IndexOfAny(Special) >= 0 || text.Length > 0 && (text[0] == ' ' || text[^1] == ' ');
        if (!quoted) _out.Text.Append(text);
        else _out.Text.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
