using System.Text;
using System.Text.RegularExpressions;

namespace KuaipuCrm.Platform.Data;

/// <summary>PostgreSQL takes null for the largest value, the other engines for the smallest; indexes are made for the smallest (<c>SchemaStep.Index</c>). So every order says so, or no index is walked along it.</summary>
internal static partial class NullsOrder
{
    /// <summary>The statement with <c>nulls first</c> or <c>last</c> behind each term of its orders that doesn't say. An order that begins with a key stays: primary keys are made with the default. One that wants the index of a document's rows names the document first.</summary>
    public static string Say(string sql)
    {
        var (said, from) = (new StringBuilder(sql.Length + 64), 0);
        for (var found = OrderBy().Match(sql); found.Success; found = OrderBy().Match(sql, from))
        {
            var start = found.Index + found.Length;
            var terms = Terms(sql, start, out var end);
            said.Append(sql, from, start - from);
            // What stands inside a term, such as a select with an order of its own, is said there.
            if (Key().IsMatch(terms[0])) said.AppendJoin(',', terms);
            else said.AppendJoin(',', terms.Select(t => Told().IsMatch(t) ? t : Behind(Say(t))));
            from = end;
        }
        return said.Append(sql, from, sql.Length - from).ToString();
    }

    private static string Behind(string term)
    {
        var bare = term.TrimEnd();
        return $"{bare}{(bare.EndsWith(" desc", StringComparison.OrdinalIgnoreCase) ? " nulls last" : " nulls first")}{term[bare.Length..]}";
    }

    /// <summary>The terms up to what follows an order: the page, a lock, a frame, the bracket's end.</summary>
    private static List<string> Terms(string sql, int start, out int end)
    {
        var (terms, depth, quoted, at) = (new List<string>(), 0, false, start);
        for (end = start; end < sql.Length; end++)
        {
            var c = sql[end];
            if (c == '\'') quoted = !quoted;
            if (quoted) continue;
            if (c == '(') depth++;
            else if (c == ')' && depth-- == 0 || c == ';') break;
            else if (depth == 0 && c == ',')
            {
                terms.Add(sql[at..end]);
                at = end + 1;
            }
            else if (depth == 0 && char.IsWhiteSpace(c) && Follows().Match(sql, end) is { Success: true } next && next.Index == end) break;
        }
        terms.Add(sql[at..end]);
        return terms;
    }

    [GeneratedRegex(@"\border\s+by\b", RegexOptions.IgnoreCase)]
    private static partial Regex OrderBy();

    [GeneratedRegex(@"\G\s+(limit|offset|fetch|for|rows|range|union)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Follows();

    [GeneratedRegex(@"\bnulls\s+(first|last)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Told();

    [GeneratedRegex(@"^\s*(\w+\.)?(id|event_id|version)(\s+(asc|desc))?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Key();
}
