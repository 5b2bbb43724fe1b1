using System.Text;
using Sylvan.Data.Csv;

namespace KuaipuCrm.Platform.Sheets.Csv;

/// <summary>A text file of separated values. Lines are counted as Excel counts its rows: empty lines too, a quoted line break not.</summary>
internal sealed class CsvSource : ITableSource
{
    private const int SampleChars = 64 << 10;

    // The longest record in UTF-16 units. A file of one endless line ends here.
    private const int MaxRecordChars = 4 << 20;

    private readonly string _path;
    private readonly SheetLimits _limits;
    private readonly Encoding _encoding;
    private readonly char _separator;
    private readonly bool _named;

    private CsvSource(string path, SheetLimits limits)
    {
        _path = path;
        _limits = limits;
        _encoding = TextEncoding.Detect(path);
        using var reader = Reader();
        var sample = new char[SampleChars];
        var text = sample.AsSpan(0, reader.ReadBlock(sample));
        (_separator, _named) = Separators.Detect(text);
    }

    public IReadOnlyList<string> Sheets { get; } = ["数据"];

    public static CsvSource Open(string path, SheetLimits limits) => new(path, limits);

    public IEnumerable<SheetRow> Rows(int sheet, CancellationToken cancellationToken)
    {
        using var reader = Reader();
        // Excel's own first line "sep=;" is an instruction, not a row.
        if (_named) reader.ReadLine();
        using var csv = CsvDataReader.Create(reader, new CsvDataReaderOptions
        {
            HasHeaders = false,
            Delimiter = _separator,
            BufferSize = 64 << 10,
            MaxBufferSize = MaxRecordChars,
            // No comments: a line that begins with # is data. NUL is in no file that came this far.
            Comment = '\0',
        });
        var cells = new List<string?>();
        var rows = 0;
        while (Read(csv))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Fill(csv, cells)) continue;
            if (++rows > _limits.MaxRows) throw new SheetException($"行数超过上限 {_limits.MaxRows:N0}。请拆成几个文件再上传。");
            yield return new SheetRow(csv.RowNumber, cells.ToArray());
        }
    }

    public void Dispose() { }

    private bool Fill(CsvDataReader csv, List<string?> cells)
    {
        cells.Clear();
        var shows = false;
        var last = 0;
        for (var i = 0; i < csv.RowFieldCount; i++)
        {
            var text = CsvGuard.Strip(csv.GetString(i));
            if (text.Length > _limits.MaxCellChars)
                throw new SheetException($"有单元格的文字超过 {_limits.MaxCellChars:N0} 字（可能缺少一个引号）。请检查后再上传。", csv.RowNumber);
            if (text.Length > 0 && i >= _limits.MaxColumns)
                throw new SheetException($"列数超过上限 {_limits.MaxColumns}。请删去右边多余的列再上传。", csv.RowNumber);
            if (i < _limits.MaxColumns) cells.Add(text.Length == 0 ? null : text);
            if (text.Length > 0) last = i + 1;
            shows |= !string.IsNullOrWhiteSpace(text);
        }
        if (cells.Count > last) cells.RemoveRange(last, cells.Count - last);
        return shows;
    }

    private static bool Read(CsvDataReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvRecordTooLargeException e)
        {
            throw new SheetException("这一行太长，不是正常的 CSV（可能缺少一个引号）。请用 Excel 打开后另存为 .xlsx 再上传。", csv.RowNumber, e);
        }
        catch (Exception e) when (e is CsvFormatException or InvalidDataException or DecoderFallbackException)
        {
            throw new SheetException("引号不成对，无法分列。请检查这一行的引号，或用 Excel 打开后另存为 .xlsx 再上传。", csv.RowNumber, e);
        }
    }

    private StreamReader Reader()
    {
        var reader = new StreamReader(_path, _encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 64 << 10);
        // The reader drops only a mark that is its encoding's preamble; these have none.
        if (reader.Peek() == '\uFEFF') reader.Read();
        return reader;
    }
}
