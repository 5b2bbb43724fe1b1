using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Documents;

/// <summary>What a search text means for a list.</summary>
/// <param name="Condition">Holds for the rows found; alias <c>a</c>.</param>
/// <param name="Driver">Rows to start from, alias <c>g</c> with <c>document_id</c>; null where there is no such shortcut.</param>
/// <param name="Count">How many the driver yields, up to one more than <see cref="NameSearch.Cap"/>.</param>
internal sealed record NameHit(Sql Condition, Sql? Driver, long Count);

/// <summary>Finds names by pieces (n-grams) kept in the database: two characters of the name, three letters of its pinyin initials; numbers and phones by their beginning or end.</summary>
internal sealed class NameSearch(Db db, Engine engine, DocumentTypes types, ICurrentUser me)
{
    /// <summary>Beyond this a name piece is common: walking the list's order finds a page sooner.</summary>
    public const int Cap = 20_000;

    public async Task<NameHit> Look(DocumentDefinition d, string text, CancellationToken ct)
    {
        var folded = TextNorm.Fold(text);
        if (folded.Length > 60) folded = folded[..60];
        // No pieces are kept of these: they are few, or looked for by other things than their names.
        if (!d.Searchable && d.FiguresOf is null) return new(engine.Contains(Sql.Trusted("a." + d.Title.Column), folded), null, 0);
        var type = types.Id(d.FiguresOf ?? d.Type);
        var digits = Digits(folded);
        if (digits is not null) return Numbers(d, type, folded, digits);
        var title = Sql.Trusted("a." + d.Title.Column);
        if (folded.All(c => c < 128)) return await Latin(d, type, folded, title, ct);
        var inTitle = engine.Contains(title, folded.Replace(" ", "%"));
        if (folded.Contains(' ')) inTitle = Sql.Join(" and ", folded.Split(' ').Select(word => engine.Contains(title, word)));
        if (folded.Length == 1)
        {
            var (from, to) = ((long)folded[0] << 16, ((long)folded[0] << 16) + 65_535);
            return await Probe(inTitle, $"(select distinct x.document_id from platform.gram x where x.type_id = {type} and x.gram >= {from} and x.gram <= {to})", ct);
        }
        var grams = new List<long>();
        Grams.Of(folded, grams);
        return grams.Count == 0 ? new(inTitle, null, 0) : await Rarest(inTitle, type, grams, ct);
    }

    private async Task<NameHit> Latin(DocumentDefinition d, long type, string folded, Sql title, CancellationToken ct)
    {
        // Signs (LP-200) are no part of the initials.
        var letters = string.Concat(folded.Where(char.IsAsciiLetterOrDigit));
        if (letters.Length == 0) return new(engine.Contains(title, folded), null, 0);
        var number = engine.StartsWith(Sql.Trusted("a.number"), folded.ToUpperInvariant());
        var initials = d.Find("initials") is { } own ? Sql.Trusted("a." + own.Column) : Sql.Trusted("(select n.initials from platform.document n where n.id = a.id)");
        if (letters.Length < 3)
        {
            // One or two letters: the beginning of the initials. A range, so that the index serves.
            var (from, to) = (letters, letters + "{");
            Sql begins = $"({initials} >= {from} and {initials} < {to})";
            // The type's own index of initials; a type without one is small and is walked.
            if (d.Find("initials") is null) return new($"({begins} or {engine.Contains(title, folded)})", null, 0);
            var all = Sql.Trusted($"{Sql.Guard}{d.Type}{Sql.Guard}");
            return await Probe($"({begins} or {engine.Contains(title, folded)})",
                $"(select n.id as document_id from {Sql.Trusted(d.Table)} n where {all}n.deleted_at is null and n.initials >= {from} and n.initials < {to})", ct, exact: begins);
        }
        // Latin letters of a name (IBM) stand in its initials as they are, so the pieces of the initials find both.
        var grams = new List<long>();
        Grams.OfInitials(letters, grams);
        Sql either = $"({engine.Contains(initials, letters)} or {engine.Contains(title, folded)} or {number})";
        var upper = folded.ToUpperInvariant();
        return grams.Count == 0 ? new(either, null, 0) : await Rarest(either, type, grams, ct, $" union select n.id from platform.document n where n.type_id = {type} and n.number >= {upper} and n.number < {upper + "{"}");
    }

    /// <summary>Digits: a number or a phone, by beginning or end; or digits within the name. Others' masked phones only in full: found piece by piece they would be unmasked.</summary>
    private NameHit Numbers(DocumentDefinition d, long type, string folded, string digits)
    {
        var reversed = new string([.. digits.Reverse()]);
        var upper = folded.ToUpperInvariant();
        var phones = d.Phones.Count == 0 || digits.Length < 4 ? (Sql)$"" : me.May(d.Permission(DocumentRight.Unmask)) ? $"""
             union select p.document_id from platform.phone p where p.digits >= {digits} and p.digits < {digits + ":"}
             union select p.document_id from platform.phone p where p.reversed >= {reversed} and p.reversed < {reversed + ":"}
            """ : (Sql)$"""
             union select p.document_id from platform.phone p where p.digits = {digits}
             union select p.document_id from platform.phone p join platform.document o on o.id = p.document_id where p.digits >= {digits} and p.digits < {digits + ":"} and o.owner_id = {me.Id}
             union select p.document_id from platform.phone p join platform.document o on o.id = p.document_id where p.reversed >= {reversed} and p.reversed < {reversed + ":"} and o.owner_id = {me.Id}
            """;
        // Digits within a name (360, 3M) begin at their first piece and are looked at again.
        var piece = ((long)folded[0] << 16) | folded[1];
        Sql exact = $"""
            (select n.id as document_id from platform.document n where n.type_id = {type} and n.number >= {upper} and n.number < {upper + ":"}{phones})
            """;
        Sql found = $"""
            (select n.id as document_id from platform.document n where n.type_id = {type} and n.number >= {upper} and n.number < {upper + ":"}{phones}
             union select x.document_id from platform.gram x where x.type_id = {type} and x.gram = {piece})
            """;
        return new($"(a.id in {exact} or {engine.Contains(Sql.Trusted("a." + d.Title.Column), folded)})", $"{found} g", 0);
    }

    private async Task<NameHit> Rarest(Sql condition, long type, List<long> grams, CancellationToken ct, Sql? beside = null)
    {
        var (best, count) = (grams[0], long.MaxValue);
        foreach (var gram in grams.Distinct().Take(8))
        {
            // Each probe stops at what the best one had: a rare piece makes the others cheap.
            var cap = Math.Min(count, Cap + 1);
            var n = await db.First<long>($"select count(*) from (select 1 as one from platform.gram x where x.type_id = {type} and x.gram = {gram} {Ordered()} {engine.Page((int)cap)}) c", ct);
            if (n < count) (best, count) = (gram, n);
            if (count == 0) break;
        }
        return new(condition, $"(select x.document_id from platform.gram x where x.type_id = {type} and x.gram = {best}{beside}) g", count);
    }

    private async Task<NameHit> Probe(Sql condition, Sql driver, CancellationToken ct, Sql? exact = null)
    {
        var count = await db.First<long>($"select count(*) from (select g.document_id from {driver} g {Ordered("g.document_id")} {engine.Page(Cap + 1)}) c", ct);
        return new(count <= Cap && exact is not null ? exact : condition, $"{driver} g", count);
    }

    private Sql Ordered(string by = "x.document_id") => Sql.Trusted(engine.Name == "sqlserver" ? $"order by {by}" : "");

    private static string? Digits(string folded)
    {
        var digits = folded.Replace(" ", "").Replace("-", "").Replace("+", "");
        return digits.Length >= 3 && digits.All(char.IsAsciiDigit) ? digits.Length >= 11 ? Phone.Normalize(digits) : digits : null;
    }
}
