using System.Text.RegularExpressions;
using Microsoft.SqlServer.Dac;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace KuaipuCrm.Tests.Statements;

/// <summary>Binds statements to a schema as SQL Server would: each becomes a procedure of the model, and the model is validated.</summary>
internal sealed partial class SqlServerModel(IReadOnlyList<string> schema)
{
    /// <returns>What is wrong, a line for each fault: not Transact-SQL, or names a table, column or function that isn't there.</returns>
    public IReadOnlyList<string> Faults(IEnumerable<string> statements)
    {
        var faults = new List<string>();
        using var model = new TSqlModel(SqlServerVersion.Sql160, new TSqlModelOptions());
        model.AddObjects(string.Join("\ngo\n", schema));
        faults.AddRange(Messages(model).Select(m => "schema: " + m));
        model.AddObjects("create schema q");
        var procedures = new List<(string Text, string Statement)>();
        var seen = new Dictionary<string, HashSet<string>>();
        foreach (var statement in statements)
        {
            // A statement that doesn't parse would hide the faults of all the others.
            if (Errors(statement) is [var first, ..]) faults.Add($"{first.Message}: {statement}");
            else if (NamesAnything(statement, seen)) procedures.Add((Procedure(procedures.Count, statement), statement));
        }
        model.AddObjects(string.Join("\ngo\n", procedures.Select(p => p.Text)));
        foreach (var message in Messages(model).Where(m => m.Contains("[q].[s", StringComparison.Ordinal)))
            faults.Add($"{message}: {procedures[int.Parse(Regex.Match(message, @"\[q\]\.\[s(\d+)\]").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)].Statement}");
        return faults;
    }

    public static IList<ParseError> Errors(string sql)
    {
        new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(sql), out var errors);
        return errors;
    }

    public static TSqlFragment Parsed(string sql) => new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(sql), out _);

    private static IEnumerable<string> Messages(TSqlModel model) =>
        model.Validate().Where(m => m.MessageType == DacMessageType.Error || m.Number is 71501 or 71502 or 71005).Select(m => $"SQL{m.Number}: {m.Message}");

    /// <summary>Binding is slow, and looks at names: a statement over the same tables under the same aliases, of whose words every one was bound before, has nothing left to bind.</summary>
    private static bool NamesAnything(string statement, Dictionary<string, HashSet<string>> seen)
    {
        var tables = string.Join('|', Tables().Matches(statement).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal));
        if (!seen.TryGetValue(tables, out var words)) seen[tables] = words = [];
        var anything = false;
        foreach (Match word in Words().Matches(statement)) anything |= words.Add(word.Value);
        return anything;
    }

    [GeneratedRegex(@"\b(from|join|into|update|apply)\s+\(?\s*[a-z_]+(\.[a-z_]+)?(\s+(as\s+)?[a-z_]\w*)?")]
    private static partial Regex Tables();

    [GeneratedRegex(@"(?<![@'\w.])[a-z_]\w*(\.[a-z_]\w*)?")]
    private static partial Regex Words();

    private static string Procedure(int number, string statement)
    {
        var parameters = Regex.Matches(statement, @"(?<!@)@[a-z]\w*").Select(m => m.Value).Distinct().Order(StringComparer.Ordinal).ToList();
        return $"create procedure q.s{number} {string.Join(", ", parameters.Select(p => $"{p} bigint"))} as begin\n{statement}\nend";
    }
}
