using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Keeps the directory of all documents: titles for links and look-ups, name pieces and phones for search, owner times (DOC-15).</summary>
internal sealed class DocumentDirectory(Db db, DocumentTypes types) : IDocumentDirectory
{
    /// <summary>From so many on it is worth another thread.</summary>
    private const int Many = 200;

    private static readonly string[] PhoneColumns = ["document_id", "digits", "reversed"];
    private static readonly string[] Columns = ["id", "type_id", "number", "title", "initials", "owner_id", "department_id", "status", "deleted"];

    /// <summary>What is kept of new records, worked out and not yet written; of many on another processor, while the records themselves are being written.</summary>
    public Task<Entries> Describe(DocumentDefinition d, IReadOnlyList<Document> created)
    {
        var type = types.Id(d.Type);
        return created.Count < Many ? Task.FromResult(Work()) : Task.Run(Work);

        Entries Work() => new(
            [.. created.Select(r => Row(d, type, r))],
            [.. created.Select(r => new object?[] { r.Id, r.OwnerId, r.DepartmentId, Status(d, r), r.CreatedAt, null })],
            type,
            d.Searchable ? Pieces(created.Select(r => (r.Id, Title(d, r)))) : [],
            d.Searchable ? [.. Phones(d, created)] : []);
    }

    public async Task Add(Entries entries, CancellationToken ct)
    {
        await db.Insert("platform.document", Columns, entries.Documents, ct);
        await db.Insert("platform.tenure", ["document_id", "owner_id", "department_id", "stage", "from_at", "to_at"], entries.Tenures, ct);
        await AddNames(entries.Type, entries.Names, ct);
        await db.Insert("platform.phone", PhoneColumns, entries.Phones, ct);
    }

    /// <summary>Those that only change hands, status or bin, in one statement for each kind of move.</summary>
    public async Task Change(DocumentDefinition d, IReadOnlyList<Change> changes, DateTime at, CancellationToken ct)
    {
        var (moved, turned) = (new List<Document>(), new List<Document>());
        foreach (var c in changes)
        {
            var (before, now) = (c.Former!, c.Record);
            if (Title(d, now) != Title(d, before) || before.Number != now.Number || d.Phones.Any(f => !Equals(f.Get(before), f.Get(now))))
            {
                await Change(d, before, now, at, ct);
                continue;
            }
            var turns = before.OwnerId != now.OwnerId || before.DepartmentId != now.DepartmentId || Status(d, now) != Status(d, before);
            if (turns) turned.Add(now);
            if (turns || before.DeletedAt is null != now.DeletedAt is null) moved.Add(now);
        }
        foreach (var group in moved.GroupBy(r => (r.OwnerId, r.DepartmentId, Status: Status(d, r), Deleted: r.DeletedAt is not null)))
            await db.Execute($"""
                update platform.document set owner_id = {group.Key.OwnerId}, department_id = {group.Key.DepartmentId}, status = {group.Key.Status}, deleted = {group.Key.Deleted}
                where {db.Dialect.In(Sql.Trusted("id"), [.. group.Select(r => r.Id)])}
                """, ct);
        if (turned.Count == 0) return;
        await db.Execute($"update platform.tenure set to_at = {at} where {db.Dialect.In(Sql.Trusted("document_id"), [.. turned.Select(r => r.Id)])} and to_at is null", ct);
        await db.Insert("platform.tenure", ["document_id", "owner_id", "department_id", "stage", "from_at", "to_at"], turned.Select(r => new object?[] { r.Id, r.OwnerId, r.DepartmentId, Status(d, r), at, null }), ct);
    }

    private async Task Change(DocumentDefinition d, Document before, Document now, DateTime at, CancellationToken ct)
    {
        var type = types.Id(d.Type);
        var (title, status) = (Title(d, now), Status(d, now));
        var titleChanged = title != Title(d, before);
        if (titleChanged || status != Status(d, before) || before.OwnerId != now.OwnerId || before.DepartmentId != now.DepartmentId || before.Number != now.Number
            || before.DeletedAt is null != now.DeletedAt is null)
            await db.Execute($"""
                update platform.document set number = {now.Number}, title = {title}, initials = {Pinyin.Initials(title)}, owner_id = {now.OwnerId},
                    department_id = {now.DepartmentId}, status = {status}, deleted = {now.DeletedAt is not null}
                where id = {now.Id}
                """, ct);
        if (before.OwnerId != now.OwnerId || before.DepartmentId != now.DepartmentId || status != Status(d, before))
        {
            await db.Execute($"update platform.tenure set to_at = {at} where document_id = {now.Id} and to_at is null", ct);
            await db.Execute($"insert into platform.tenure (document_id, owner_id, department_id, stage, from_at) values ({now.Id}, {now.OwnerId}, {now.DepartmentId}, {status}, {at})", ct);
        }
        if (!d.Searchable) return;
        if (titleChanged) await Pieces(type, now.Id, Title(d, before), title, ct);
        if (d.Phones.Any(f => !Equals(f.Get(before), f.Get(now))))
        {
            await db.Execute($"delete from platform.phone where document_id = {now.Id}", ct);
            await db.Insert("platform.phone", PhoneColumns, Phones(d, [now]), ct);
        }
    }

    /// <summary>A title that follows from something else than a change of the record.</summary>
    public async Task Rename(DocumentDefinition d, long id, string before, string now, CancellationToken ct)
    {
        await db.Execute($"update platform.document set title = {now}, initials = {Pinyin.Initials(now)} where id = {id}", ct);
        if (d.Searchable) await Pieces(types.Id(d.Type), id, before, now, ct);
    }

    private async Task Pieces(long type, long id, string before, string now, CancellationToken ct)
    {
        await db.Execute($"delete from platform.gram where type_id = {type} and document_id = {id} and {db.Dialect.In(Sql.Trusted("gram"), Grams(before))}", ct);
        await AddNames(type, Pieces([(id, now)]), ct);
    }

    public async Task Remove(DocumentDefinition d, Document record, CancellationToken ct)
    {
        await db.Execute($"delete from platform.document where id = {record.Id}", ct);
        await db.Execute($"delete from platform.phone where document_id = {record.Id}", ct);
        await db.Execute($"delete from platform.comment where document_id = {record.Id}", ct);
        await db.Execute($"delete from platform.attachment where document_id = {record.Id}", ct);
        await db.Execute($"delete from platform.share where document_id = {record.Id}", ct);
        await Forget(record.Id, ct);
        await db.Execute($"delete from platform.access where document_id = {record.Id} or source_id = {record.Id}", ct);
        await db.Execute($"delete from platform.gram where type_id = {types.Id(d.Type)} and document_id = {record.Id} and {db.Dialect.In(Sql.Trusted("gram"), Grams(Title(d, record)))}", ct);
    }

    /// <summary>What was said and sent about it, and what was approved: a purged document lives on nowhere. That something was sent, and when, stays.</summary>
    private async Task Forget(long id, CancellationToken ct)
    {
        const string Gone = "（已删除）";
        var links = (await db.Query<long>($"select id from platform.approval where document_id = {id}", ct)).Select(a => $"/approvals/{a}").ToList();
        await db.Execute($"delete from platform.approval_task where approval_id in (select a.id from platform.approval a where a.document_id = {id})", ct);
        await db.Execute($"delete from platform.approval where document_id = {id}", ct);
        await db.Execute($"update platform.message set text = {Gone} where document_id = {id}", ct);
        if (links.Count > 0) await db.Execute($"update platform.message set text = {Gone}, link = {(string?)null} where {db.Dialect.In(Sql.Trusted("link"), links)}", ct);
        await db.Execute($"update platform.outgoing set address = {Gone}, name = null, subject = null, body = {Gone}, once_key = null, state = case when state in ('waiting', 'parked') then 'cancelled' else state end where document_id = {id}", ct);
    }

    /// <summary>Titles by id, for whatever may be referred to.</summary>
    public async Task<Dictionary<long, string>> Titles(IReadOnlyCollection<long> ids, CancellationToken ct) => ids.Count == 0 ? [] :
        (await db.Query<Named>($"select id, title from platform.document where {db.Dialect.In(Sql.Trusted("id"), ids)}", ct)).ToDictionary(n => n.Id, n => n.Title);

    public async Task<IReadOnlyList<DirectoryEntry>> Find(IReadOnlyCollection<long> ids, CancellationToken ct = default) => ids.Count == 0 ? [] :
    [
        .. from e in await db.Query<Entry>($"select id, type_id, number, title, owner_id, department_id from platform.document where {db.Dialect.In(Sql.Trusted("id"), ids)} and deleted = {false}", ct)
           let type = types.Name(e.TypeId)
           where type is not null
           select new DirectoryEntry(e.Id, type, e.Number, e.Title, e.OwnerId, e.DepartmentId),
    ];

    public static string Title(DocumentDefinition d, Document r)
    {
        // A row that was not found has no record of its type.
        var title = d.Class.IsInstanceOfType(r) ? d.Title.Get(r) as string ?? "" : "";
        return title.Length > 200 ? title[..200] : title;
    }

    /// <summary>The pieces a name is found by.</summary>
    public static List<long> Grams(string title)
    {
        var folded = TextNorm.Fold(title);
        var grams = new List<long>(24);
        Sdk.Text.Grams.Of(folded, grams);
        Sdk.Text.Grams.OfInitials(Pinyin.Initials(title), grams);
        // The last character with nothing behind it: a single character is found as the beginning of a piece wherever it stands.
        if (folded.Length > 0) grams.Add((long)folded[^1] << 16);
        return grams;
    }

    private Task AddNames(long type, (long Gram, long Id)[] pieces, CancellationToken ct) => db.InsertNumbers("platform.gram", ["type_id", "gram", "document_id"], type, pieces, ct);

    /// <summary>In the order of the key: neighbours go to the same page of the index.</summary>
    private static (long Gram, long Id)[] Pieces(IEnumerable<(long Id, string Title)> names)
    {
        var rows = new List<(long Gram, long Id)>();
        foreach (var (id, title) in names)
            foreach (var gram in Grams(title))
                rows.Add((gram, id));
        rows.Sort();
        return [.. rows];
    }

    private static IEnumerable<object?[]> Phones(DocumentDefinition d, IEnumerable<Document> records) =>
        from r in records
        from digits in d.Phones.Select(f => f.Get(r) as string).OfType<string>().Select(Phone.Normalize).Where(p => p.Length is >= 5 and <= 30).Distinct()
        select new object?[] { r.Id, digits, new string([.. digits.Reverse()]) };

    private static string? Status(DocumentDefinition d, Document r) => d.Status?.Get(r) as string;

    private static object?[] Row(DocumentDefinition d, long type, Document r)
    {
        var title = Title(d, r);
        return [r.Id, type, r.Number, title, Pinyin.Initials(title), r.OwnerId, r.DepartmentId, Status(d, r), r.DeletedAt is not null];
    }

    private sealed record Entry(long Id, long TypeId, string Number, string Title, long? OwnerId, long? DepartmentId);

    private sealed record Named(long Id, string Title);

    /// <summary>The rows of new records in the directory's tables.</summary>
    /// <param name="Names">Sorted.</param>
    internal sealed record Entries(IReadOnlyList<object?[]> Documents, IReadOnlyList<object?[]> Tenures, long Type, (long Gram, long Id)[] Names, IReadOnlyList<object?[]> Phones);
}
