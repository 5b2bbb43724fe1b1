namespace KuaipuCrm.Platform.Sheets;

/// <summary>How much a table file may cost to read. What is over a limit is refused with a <see cref="SheetException"/>.</summary>
public sealed record SheetLimits
{
    /// <summary>The limits used for uploads.</summary>
    public static SheetLimits Default { get; } = new();

    /// <summary>Size of the file as it is uploaded, bytes.</summary>
    public long MaxFileBytes { get; init; } = 50L << 20;

    /// <summary>Unpacked size of all parts of an .xlsx together, bytes; declared as well as really read.</summary>
    public long MaxUnpackedBytes { get; init; } = 600L << 20;

    /// <summary>Unpacked to packed size of one part, checked once it is over <see cref="RatioFromBytes"/>.</summary>
    public int MaxRatio { get; init; } = 100;

    /// <summary>Unpacked bytes of a part from which <see cref="MaxRatio"/> holds.</summary>
    public long RatioFromBytes { get; init; } = 10L << 20;

    /// <summary>Rows that are not empty, of one sheet.</summary>
    public int MaxRows { get; init; } = 1_000_000;

    /// <summary>The last column that may hold text.</summary>
    public int MaxColumns { get; init; } = 200;

    /// <summary>UTF-16 units of one cell; not over 300,000.</summary>
    public int MaxCellChars { get; init; } = 32_767;

    /// <summary>Memory for the shared strings of an .xlsx, bytes.</summary>
    public long MaxSharedStringBytes { get; init; } = 200L << 20;
}
