using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Privacy;

/// <summary>Collects and erases what is kept about a person (see <see cref="IPersonalData"/>; decision 57 says what is erased where, and why).</summary>
internal sealed class PersonalData(Db db, ModuleCatalog catalog, Stores stores, Reach reach, Scope scope, Formatter formatter, NameResolver names, HistoryQueries histories, Journal journal, DocumentDirectory directory, Caches caches, TimeProvider clock) : IPersonalData
{
    private const int Most = 5_000;

    public async Task<PersonalRecord> Collect(string type, long id, CancellationToken ct = default)
    {
        var d = catalog.Document(type);
        var record = await reach.Any(d, id, ct);
        var titles = await names.Of(d.Fields.Where(f => f.Kind == FieldKind.Reference).Select(f => (f.RefersTo!, f.Get(record) as long?)), ct);
        var values = new Dictionary<string, string>();
        foreach (var f in d.Fields.Where(f => !f.Hidden))
            if (formatter.Text(f, f.Get(record), titles) is { Length: > 0 } text) values[f.Label] = text;
        var (ties, all) = (new List<PersonalTie>(), 0L);
        foreach (var t in catalog.Documents)
        {
            if (TiedRows.Of(catalog, t, d, id) is not { } way) continue;
            ties.AddRange((await db.Query<Tie>($"""
                select t.number, t.{Sql.Trusted(t.Title.Column)} as title, t.created_at from {Sql.Trusted(t.Table)} t where {way} and t.deleted_at is null and {scope.Of(t.Type, "t")} order by t.id {db.Dialect.Page(Most)}
                """, ct)).Select(r => new PersonalTie(t.Label, r.Number, r.Title ?? "", r.CreatedAt)));
            all += await db.First<long>($"select count(*) from {Sql.Trusted(t.Table)} t where {way} and t.deleted_at is null and {scope.All(t.Type, "only how many: the person has a right to know that there are more")}", ct);
        }
        var comments = await db.Query<Note>($"select at, user_id, text from platform.comment where document_id = {id} and withdrawn_at is null order by id {db.Dialect.Page(Most)}", ct);
        var files = await db.Query<string>($"select name from platform.attachment where document_id = {id} and removed_at is null order by id {db.Dialect.Page(Most)}", ct);
        var uses = await histories.Handle(new GetHistory(type, id, 500), ct);
        await journal.Write([(id, record.Version, "export", (string?)null)], ct);
        return new(d.Label, record.Number, DocumentDirectory.Title(d, record), values, ties, Math.Max(0, all - ties.Count), [.. comments.Select(c => new PersonalNote(c.At, Who(c.UserId), c.Text))], files,
            [.. uses.Select(u => new PersonalUse(u.At, u.Who, u.Kind, u.Changes))]);
    }

    public async Task Erase(string type, long id, IReadOnlyDictionary<string, object?> values, string reason, CancellationToken ct = default)
    {
        var d = catalog.Document(type);
        var record = await reach.Changeable(d, id, ct);
        var fields = values.Keys.ToHashSet();
        var store = stores.Of(d);
        var changes = await store.Prepare([new Draft(id, record.Version, values)], new DraftKind(System: true, Undo: true), ct);
        if (changes.SelectMany(c => c.Errors).ToList() is { Count: > 0 } errors) throw new Invalid(errors);
        await store.Write(changes, ct);
        await db.Execute($"update {Sql.Trusted(d.Table)} set extra = null where id = {id} and {scope.All(d.Type, "the row was read under the user's scope in this transaction")}", ct);
        // What the record derives from the erased values goes with them: initials, keys to compare by.
        foreach (var f in d.Fields.Where(f => f is { System: false } && (f.Hidden || f.ReadOnly) && f.Kind is FieldKind.Text)) fields.Add(f.Name);
        // Fields of the company's own hold whatever it asked for: identity numbers, home addresses.
        fields.UnionWith(d.Fields.Where(f => f.Custom).Select(f => f.Name));
        await Forget(id, c => fields.Contains(c.Field) || d.Find(c.Field) is null, ct);
        await ForgetBeside(id, ct);
        await ForgetLetters(d, record, ct);
        await ForgetNames(d, record, changes[0].Record, ct);
        await journal.Write([(id, changes[0].Record.Version, "erase", Journal.Deltas([new Delta("个人信息", null, $"已删除：{string.Join("、", values.Keys.Select(k => d.Find(k)?.Label).OfType<string>())}"), new Delta("原因", null, reason)]))], ct);
    }

    /// <summary>The history keeps who changed which document when; what the values were is forgotten, the change that just erased them among them.</summary>
    private async Task Forget(long id, Func<(string Field, JsonElement Old, JsonElement New), bool> goes, CancellationToken ct)
    {
        for (var after = 0L; ;)
        {
            var lines = await db.Query<Line>($"select id, changes from platform.history where document_id = {id} and id > {after} and changes is not null order by id {db.Dialect.Page(500)}", ct);
            if (lines.Count == 0) break;
            after = lines[^1].Id;
            foreach (var line in lines)
            {
                var kept = Journal.Read(line.Changes).Where(c => !goes(c)).Select(c => new Delta(c.Field, c.Old, c.New)).ToList();
                await db.Execute($"update platform.history set changes = {Journal.Deltas(kept)} where id = {line.Id}", ct);
            }
        }
    }

    /// <summary>What stands beside the record: comments, files, messages, letters, what was approved.</summary>
    private async Task ForgetBeside(long id, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"update platform.comment set text = {Gone}, withdrawn_at = coalesce(withdrawn_at, {now}) where document_id = {id}", ct);
        await db.Execute($"update platform.attachment set name = {Gone}, removed_at = coalesce(removed_at, {now}) where document_id = {id}", ct);
        await db.Execute($"update platform.message set text = {Gone} where document_id = {id}", ct);
        await db.Execute($"update platform.outgoing set address = {Gone}, name = null, subject = null, body = {Gone}, once_key = null, state = case when state in ('waiting', 'parked') then 'cancelled' else state end where document_id = {id}", ct);
        await db.Execute($"update platform.approval set snapshot = {"{}"}, note = null where document_id = {id}", ct);
    }

    /// <summary>What was sent to the person about something else: a campaign, a registration.</summary>
    private async Task ForgetLetters(DocumentDefinition d, Document former, CancellationToken ct)
    {
        var addresses = d.Fields.Where(f => f.Kind is FieldKind.Phone or FieldKind.Email).Select(f => f.Get(former) as string).OfType<string>().SelectMany(a => new[] { a, a.ToLowerInvariant() }).Distinct().ToList();
        // Others may have the same address: only what bears the person's name.
        if (addresses.Count > 0)
            await db.Execute($"update platform.outgoing set address = {Gone}, name = null, subject = null, body = {Gone}, once_key = null, state = case when state in ('waiting', 'parked') then 'cancelled' else state end where {db.Dialect.In(Sql.Trusted("address"), addresses)} and name = {DocumentDirectory.Title(d, former)}", ct);
    }

    /// <summary>Titles of what is tied to the person often bear the name: a stakeholder, a target, a visit.</summary>
    private async Task ForgetNames(DocumentDefinition d, Document former, Document now, CancellationToken ct)
    {
        var (name, gone) = (DocumentDirectory.Title(d, former), DocumentDirectory.Title(d, now));
        // A single character may be anything; what has been erased already, as the same person's other record, is nobody's name.
        if (name.Length < 2 || gone.Contains(name, StringComparison.Ordinal)) return;
        foreach (var t in catalog.Documents)
        {
            if (TiedRows.Of(catalog, t, d, former.Id) is not { } way) continue;
            var (table, title, meant) = (Sql.Trusted(t.Table), Sql.Trusted(t.Title.Column), scope.All(t.Type, "the name is erased wherever the person is meant"));
            foreach (var row in await db.Query<Named>($"select t.id, t.{title} as title from {table} t where {way} and {db.Dialect.Contains($"t.{title}", name)} and {meant}", ct))
            {
                var told = row.Title.Replace(name, gone, StringComparison.OrdinalIgnoreCase);
                var initials = t.Find("initials") is { Hidden: true } i ? (Sql)$", {Sql.Trusted(i.Column)} = {Pinyin.Initials(told)}" : null;
                await db.Execute($"update {table} set {title} = {told}{initials} where id = {row.Id} and {meant}", ct);
                await directory.Rename(t, row.Id, row.Title, told, ct);
                await Forget(row.Id, c => c.Field == t.Title.Name || c.Old.ToString().Contains(name, StringComparison.OrdinalIgnoreCase) || c.New.ToString().Contains(name, StringComparison.OrdinalIgnoreCase), ct);
            }
        }
    }

    private const string Gone = "（已删除）";

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Tie(string Number, string? Title, DateTime CreatedAt);

    private sealed record Note(DateTime At, long UserId, string Text);

    private sealed record Line(long Id, string? Changes);

    private sealed record Named(long Id, string Title);
}
