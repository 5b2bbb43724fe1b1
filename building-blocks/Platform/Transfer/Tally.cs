using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>How many rows a table has, and a checksum over them that is the same on all engines and in any order of the rows.</summary>
public sealed class Tally
{
    private UInt128 sum;

    public long Rows { get; private set; }

    /// <summary>Sum of the rows' hashes: order doesn't matter, as each engine hands rows out in its own.</summary>
    public string Checksum => sum.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Takes in a row as <see cref="RowText"/> writes it.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(row, hash);
        sum += BinaryPrimitives.ReadUInt128LittleEndian(hash);
        Rows++;
    }

    public bool Same(Tally other) => Rows == other.Rows && sum == other.sum;
}
