using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Sharing;

/// <inheritdoc cref="ITeams"/>
internal sealed class Teams(Db db, IScope scope, IAccess access) : ITeams
{
    private const string Why = "what belongs to a document follows it, whoever may see it", Edit = "edit";

    public Task<IReadOnlyList<long>> Members(DocumentTeam team, long document, CancellationToken ct = default) =>
        db.Query<long>($"select p.user_id from {Sql.Trusted(team.People)} p where p.{Sql.Trusted(team.Column)} = {document}", ct);

    public async Task<bool> Join(DocumentTeam team, long document, long user, CancellationToken ct = default)
    {
        var (people, column) = (Sql.Trusted(team.People), Sql.Trusted(team.Column));
        // Held first: two who take in the same colleague at once come one after the other.
        await Hold(team, [document], ct);
        if (await db.Execute($"insert into {people} ({column}, user_id) select {document}, {user} where not exists (select 1 from {people} p where p.{column} = {document} and p.user_id = {user})", ct) == 0) return false;
        await Reopen(team, document, ct);
        return true;
    }

    public async Task<bool> Leave(DocumentTeam team, long document, long user, CancellationToken ct = default)
    {
        await Hold(team, [document], ct);
        if (await db.Execute($"delete from {Sql.Trusted(team.People)} where {Sql.Trusted(team.Column)} = {document} and user_id = {user}", ct) == 0) return false;
        await Reopen(team, document, ct);
        return true;
    }

    public async Task Open(DocumentTeam team, string part, IReadOnlyCollection<(long Part, long Document)> parts, CancellationToken ct = default)
    {
        if (parts.Count == 0) return;
        var column = Sql.Trusted("p." + team.Column);
        var people = (await db.Query<Pair>($"select {column} as document_id, p.user_id from {Sql.Trusted(team.People)} p where {db.Dialect.In(column, [.. parts.Select(p => p.Document).Distinct()])}", ct)).ToLookup(p => p.DocumentId, p => p.UserId);
        if (people.Count > 0) await access.Replace(part, Edit, [.. parts.Select(p => p.Part)], from p in parts from user in people[p.Document] select new AccessGrant(p.Part, p.Part, user, null), ct);
    }

    public async Task Hold(DocumentTeam team, IEnumerable<long> documents, CancellationToken ct = default)
    {
        // In one order, so that two never wait for each other; SQLite has one writer anyway.
        if (db.Dialect.Name == "sqlite" || !db.InUnit) return;
        foreach (var id in documents.Distinct().Order()) await db.Execute($"update {Sql.Trusted(team.Table)} set version = version where id = {id} and {scope.All(team.Type, Why)}", ct);
    }

    public async Task<bool> Twice(DocumentTeam team, string part, string column, IReadOnlyCollection<(long Document, long Value)> values, CancellationToken ct = default)
    {
        if (values.Count == 0) return false;
        var (table, of, value) = (Sql.Trusted(team.Parts.First(p => p.Type == part).Table), Sql.Trusted("t." + team.Column), Sql.Trusted("t." + column));
        var doubles = (await db.Query<Double>($"""
            select {of} as document_id, {value} as value from {table} t where {db.Dialect.In(of, [.. values.Select(v => v.Document).Distinct()])} and {value} is not null and t.deleted_at is null and {scope.All(part, Why)}
            group by {of}, {value} having count(*) > 1
            """, ct)).ToHashSet();
        return values.Any(v => doubles.Contains(new(v.Document, v.Value)));
    }

    /// <summary>Opens the document and all its parts to those who are of the team now.</summary>
    private async Task Reopen(DocumentTeam team, long document, CancellationToken ct)
    {
        var people = await Members(team, document, ct);
        await access.Replace(team.Type, Edit, [document], people.Select(p => new AccessGrant(document, document, p, null)), ct);
        foreach (var (type, table) in team.Parts)
        {
            var parts = await db.Query<long>($"select t.id from {Sql.Trusted(table)} t where t.{Sql.Trusted(team.Column)} = {document} and {scope.All(type, Why)}", ct);
            if (parts.Count > 0) await access.Replace(type, Edit, parts, from id in parts from p in people select new AccessGrant(id, id, p, null), ct);
        }
    }

    private sealed record Pair(long DocumentId, long UserId);
    private sealed record Double(long DocumentId, long Value);
}
