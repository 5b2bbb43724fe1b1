using System.Data.Common;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Answers a list with one page of it. The question asked most: it takes only what it needs.</summary>
internal sealed class ListDocumentsHandler(Db db, ModuleCatalog catalog, ListSql lists, NameResolver names, ICurrentUser me) : IQueryHandler<ListDocuments, ListPage>
{
    public async Task<ListPage> Handle(ListDocuments query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var request = query.Request;
        var take = Math.Clamp(request.Take, 1, 500);
        var fields = ListSql.Fields(d, request);
        var (sortField, _, _) = ListSql.Sort(d, request);
        var places = ListSql.Places(d, request, fields);
        var cursor = request.Cursor is { Length: > 0 } text ? Cursor.Decode(text, sortField) : null;
        var skip = cursor is null && request.Page is > 1 and var page ? Math.Min((long)(page - 1) * take, 5_000_000) : 0;
        var backward = cursor?.Backward == true;
        var (read, first, last) = (0, (object?)null, (object?)null);
        var rows = await db.Read(await lists.Page(d, request, fields, take + 1, skip, cursor, backward, ct), r =>
        {
            // The ends of the page alone become cursors.
            if (read == 0) first = r.GetValue(ListSql.SortAt);
            if (read < take && (backward || read == take - 1)) last = r.GetValue(ListSql.SortAt);
            read++;
            return Row(fields, places, r);
        }, ct);
        var more = rows.Count > take;
        if (more) rows.RemoveAt(rows.Count - 1);
        if (backward)
        {
            rows.Reverse();
            (first, last) = (last, first);
        }
        string? At(ListRow row, object? sort, bool back) => new Cursor(SortValue(sortField, sort!), row.Id, back).Encode();
        return new ListPage(
            [.. fields.Select(f => f.Name)], rows,
            rows.Count > 0 && (backward || more) ? At(rows[^1], last, false) : null,
            rows.Count > 0 && (backward ? more : cursor is not null || skip > 0) ? At(rows[0], first, true) : null,
            await names.Of(References(fields, rows), ct))
        { Skipped = cursor is null ? skip : null, Ago = await lists.Ago(d, request, ct) };
    }

    private ListRow Row(IReadOnlyList<FieldDefinition> fields, int[] places, DbDataReader r)
    {
        var values = new object?[fields.Count];
        var mine = !r.IsDBNull(ListSql.OwnerAt) && r.GetInt64(ListSql.OwnerAt) == me.Id;
        for (var i = 0; i < values.Length; i++)
        {
            var f = fields[i];
            if (!f.VisibleTo(me)) continue;
            var value = FieldCodec.FromDb(f, r.GetValue(places[i]));
            values[i] = f.Masked && !mine && value is string s ? DraftChecks.Mask(f, s) : value;
        }
        return new ListRow(r.GetInt64(0), r.GetInt64(1), values);
    }

    private static IEnumerable<(string Type, long? Id)> References(IReadOnlyList<FieldDefinition> fields, List<ListRow> rows)
    {
        for (var i = 0; i < fields.Count; i++)
            if (fields[i] is { Kind: FieldKind.Reference, RefersTo: { } type })
                foreach (var row in rows)
                    if (row.Values[i] is long id) yield return (type, id);
    }

    /// <summary>The sort value of a row as a cursor holds it.</summary>
    internal static object? SortValue(FieldDefinition f, object raw) =>
        raw is DBNull ? null
        : f.SortColumn is not null ? raw
        : f.Kind is FieldKind.Money or FieldKind.Quantity ? raw
        : FieldCodec.FromDb(f, raw);
}
