using System.Data.Common;
using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Writes exactly what a list shows into a file: the same filters, the same scope, the same masks; each export is in the journal (DOC-3, DOC-5). In full only when asked for, by who may, and then in each row's history.</summary>
internal sealed class Exporter(Db db, Scope scope, ListSql lists, NameResolver names, Formatter formatter, Operations operations, Journal journal, ICurrentUser me, Security.AuditLog log, TimeProvider clock)
{
    private const int Chunk = 1_000;

    public async Task Write(DocumentDefinition d, ListRequest request, IReadOnlyCollection<long>? ids, bool csv, bool unmask, Stream stream, CancellationToken ct)
    {
        if (!me.May(d.Permission(DocumentRight.Read))) throw new NotAllowed($"{d.Label}：查看");
        if (!me.May(d.Permission(DocumentRight.Export))) throw new NotAllowed($"{d.Label}：导出");
        if (unmask && (!me.May(d.Permission(DocumentRight.Unmask)) || me.SeenBy is not null)) throw new NotAllowed($"{d.Label}：查看完整内容");
        // Read one by one, never carried off as a whole.
        if (d.Views.FirstOrDefault(v => v.Name == request.View)?.Opening is not null && !scope.Rows(d.Type).All) throw new NotAllowed($"{d.Label}：导出数据范围以外的记录");
        var fields = ListSql.Fields(d, request);
        var columns = fields.Select(f => new SheetColumn(f.Label, Kind(f), f.Width / 7)).ToList();
        // One moment for all of it: what others save meanwhile moves no row behind the place that was reached.
        await using var connection = db.Engine.Create();
        await connection.OpenAsync(ct);
        await using var moment = await db.Engine.SnapshotIfAllowed(connection, ct);
        await using var writer = csv ? SheetWriter.CreateCsv(stream, columns) : SheetWriter.CreateXlsx(stream, d.Labels, columns);
        var count = 0;
        foreach (var part in ids is null ? [null] : ids.Chunk(Chunk).Select(c => (IReadOnlyCollection<long>?)c))
        {
            Cursor? cursor = null;
            while (true)
            {
                var rows = await Read(moment, d, request with { Ids = part }, fields, cursor, unmask, ct);
                if (rows.Count == 0) break;
                var titles = await names.Of(fields.SelectMany((f, i) => f.Kind == FieldKind.Reference ? rows.Select(r => (f.RefersTo!, r.Values[i] as long?)) : []), ct);
                if (unmask && fields.Any(f => f.Masked)) await Note([.. rows.Where(r => !r.Mine).Select(r => (r.Place.Id, r.Version))], ct);
                foreach (var (values, _, _, _) in rows)
                    await writer.WriteRow([.. fields.Select((f, i) => Cell(f, values[i], titles))]);
                count += rows.Count;
                if (rows.Count < Chunk) break;
                cursor = rows[^1].Place;
            }
        }
        await Log(d, request, count, csv, unmask, ct);
    }

    /// <summary>Whose numbers left the house in full, row by row (DOC-5); before they are written into the file.</summary>
    private Task<int> Note(IReadOnlyList<(long Id, long Version)> rows, CancellationToken ct) => db.Unit(async () =>
    {
        await journal.Write([.. rows.Select(r => (r.Id, r.Version, "export", (string?)null))], ct);
        return rows.Count;
    }, ct);

    private async Task<List<(object?[] Values, Cursor Place, bool Mine, long Version)>> Read(DbTransaction moment, DocumentDefinition d, ListRequest request, IReadOnlyList<FieldDefinition> fields, Cursor? cursor, bool unmask, CancellationToken ct)
    {
        var (sort, _, _) = ListSql.Sort(d, request);
        var places = ListSql.Places(d, request, fields);
        var page = await lists.Page(d, request, fields, Chunk, 0, cursor, backward: false, ct, scopeOnly: true);
        return await db.Engine.Read(moment.Connection!, moment, db.Engine.Finish(page.Text), page.Values, r =>
        {
            var mine = !r.IsDBNull(2) && r.GetInt64(2) == me.Id;
            var values = new object?[fields.Count];
            for (var i = 0; i < values.Length; i++)
            {
                if (!fields[i].VisibleTo(me)) continue;
                values[i] = FieldCodec.FromDb(fields[i], r.GetValue(places[i]));
                if (fields[i].Masked && !mine && !unmask && values[i] is string s) values[i] = DraftChecks.Mask(fields[i], s);
            }
            return (values, new Cursor(ListDocumentsHandler.SortValue(sort, r.GetValue(3)), r.GetInt64(0), false), mine, r.GetInt64(1));
        }, ct);
    }

    private object? Cell(FieldDefinition f, object? value, IReadOnlyDictionary<long, string> titles) => value switch
    {
        decimal or DateOnly => value,
        long l when f.Kind == FieldKind.Number => l,
        DateTime t => TimeZoneInfo.ConvertTimeFromUtc(t, formatter.Zone),
        _ => formatter.Text(f, value, titles),
    };

    private async Task Log(DocumentDefinition d, ListRequest request, int count, bool csv, bool unmask, CancellationToken ct)
    {
        Texts.SpeakChinese();
        var plan = JsonSerializer.Serialize(request with { Ids = null }, Journal.Json);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Unit(async () =>
        {
            var id = await operations.Begin("export", unmask ? $"导出{d.Label}（{(csv ? "CSV" : "Excel")}，含完整内容）" : $"导出{d.Label}（{(csv ? "CSV" : "Excel")}）", d.Type, count, "done", ct);
            await db.Execute($"update platform.operation set done = {count}, ended_at = {now}, job = {plan}, message = {Operations.Eyes(me)} where id = {id}", ct);
            await log.Write(db, "operation", "Export", $"{d.Label}：导出", me.Id, me.SeenBy, null, me.Source, "成功", $"{count:N0} 行{(unmask ? "，含完整内容" : "")}", ct);
            return 0;
        }, ct);
    }

    private static SheetColumnKind Kind(FieldDefinition f) => f.Kind switch
    {
        FieldKind.Number or FieldKind.Quantity => SheetColumnKind.Number,
        FieldKind.Money => SheetColumnKind.Money,
        FieldKind.Date => SheetColumnKind.Date,
        FieldKind.Instant => SheetColumnKind.DateTime,
        _ => SheetColumnKind.Text,
    };
}
