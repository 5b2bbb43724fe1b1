using System.Data.Common;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Reads and writes whole records by their declaration.</summary>
internal static class Rows
{
    private static readonly string[] Fixed = ["id", "number", "version", "owner_id", "department_id", "created_by", "created_at", "updated_by", "updated_at", "deleted_at", "extra", "approval"];

    /// <summary>The columns of a record: those every document has, then the type's own.</summary>
    public static IReadOnlyList<string> Columns(DocumentDefinition d) => [.. Fixed, .. Own(d).Select(f => f.Column)];

    public static IEnumerable<FieldDefinition> Own(DocumentDefinition d) => d.Declared.Where(f => !f.System);

    public static Sql Select(DocumentDefinition d, string alias) => Sql.Trusted(string.Join(", ", Columns(d).Select(c => $"{alias}.{c}")));

    /// <summary>A record from a row selected by <see cref="Select"/>.</summary>
    public static Func<DbDataReader, T> Reader<T>(DocumentDefinition d) where T : Document, new()
    {
        var own = Own(d).ToArray();
        return r =>
        {
            var t = new T
            {
                Id = r.GetInt64(0),
                Number = r.GetString(1),
                Version = r.GetInt64(2),
                OwnerId = Long(r, 3),
                DepartmentId = Long(r, 4),
                CreatedBy = r.GetInt64(5),
                CreatedAt = FieldCodec.Instant(r.GetValue(6)),
                UpdatedBy = r.GetInt64(7),
                UpdatedAt = FieldCodec.Instant(r.GetValue(8)),
                DeletedAt = r.IsDBNull(9) ? null : FieldCodec.Instant(r.GetValue(9)),
                Extra = r.IsDBNull(10) ? null : r.GetString(10),
                Approval = r.IsDBNull(11) ? null : r.GetString(11),
            };
            for (var i = 0; i < own.Length; i++)
                if (!r.IsDBNull(Fixed.Length + i)) own[i].Set(t, FieldCodec.FromDb(own[i], r.GetValue(Fixed.Length + i)));
            return t;
        };
    }

    /// <summary>The values of many records, each in the order of <see cref="Columns"/>.</summary>
    public static IEnumerable<object?[]> Values(DocumentDefinition d, IEnumerable<Document> records)
    {
        var own = Own(d).ToArray();
        return records.Select(r => Values(own, r));
    }

    private static object?[] Values(FieldDefinition[] own, Document t)
    {
        var row = new object?[Fixed.Length + own.Length];
        (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]) =
            (t.Id, t.Number, t.Version, t.OwnerId, t.DepartmentId, t.CreatedBy, t.CreatedAt, t.UpdatedBy, t.UpdatedAt, t.DeletedAt, t.Extra);
        for (var i = 0; i < own.Length; i++) row[Fixed.Length + i] = FieldCodec.ToDb(own[i], own[i].Get(t));
        return row;
    }

    /// <summary>A copy to change, so that what stood before can be compared.</summary>
    public static T Copy<T>(DocumentDefinition d, T t) where T : Document, new()
    {
        var copy = new T
        {
            Id = t.Id,
            Number = t.Number,
            Version = t.Version,
            OwnerId = t.OwnerId,
            DepartmentId = t.DepartmentId,
            CreatedBy = t.CreatedBy,
            CreatedAt = t.CreatedAt,
            UpdatedBy = t.UpdatedBy,
            UpdatedAt = t.UpdatedAt,
            DeletedAt = t.DeletedAt,
            Extra = t.Extra,
            Approval = t.Approval,
        };
        foreach (var f in Own(d)) f.Set(copy, f.Get(t));
        return copy;
    }

    private static long? Long(DbDataReader r, int i) => r.IsDBNull(i) ? null : r.GetInt64(i);
}
