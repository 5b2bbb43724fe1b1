using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace KuaipuCrm.Tests.Statements;

/// <summary>What parses and binds, and SQL Server refuses or reads otherwise all the same.</summary>
internal sealed class TransactSqlTraps : TSqlFragmentVisitor
{
    /// <summary>Functions that all three engines have, or that stand in SQL Server's dialect alone. Unknown names are not found by binding.</summary>
    private static readonly HashSet<string> Functions = new(StringComparer.OrdinalIgnoreCase) { "count", "sum", "min", "max", "avg", "coalesce", "lower", "upper", "abs", "round", "replace", "row_number", "openjson", "concat", "nullif", "json_value" };
    private readonly List<string> found = [];

    public static IReadOnlyList<string> In(string statement)
    {
        var traps = new TransactSqlTraps();
        var parsed = SqlServerModel.Parsed(statement);
        parsed.Accept(traps);
        var parameters = parsed.ScriptTokenStream.Where(t => t.TokenType == TSqlTokenType.Variable).Select(t => t.Text).Distinct().Count();
        if (parameters > 2000) traps.found.Add($"{parameters} parameters (at most 2,100)");
        return traps.found;
    }

    public override void Visit(MergeStatement node) => found.Add("merge");

    public override void Visit(QuerySpecification node)
    {
        var lone = node.GroupByClause is null && node.SelectElements.OfType<SelectScalarExpression>().Any(e => e.Expression is FunctionCall { OverClause: null } f && f.FunctionName.Value.ToLowerInvariant() is "count" or "sum" or "min" or "max" or "avg");
        if (lone && node.OrderByClause is not null) found.Add("order by beside an aggregate");
        if (node.UniqueRowFilter == UniqueRowFilter.Distinct && node.OrderByClause is { } order)
            foreach (var by in order.OrderByElements)
                if (!node.SelectElements.OfType<SelectScalarExpression>().Any(e => Text(e.Expression) == Text(by.Expression))) found.Add($"select distinct ordered by {Text(by.Expression)}, which is not selected");
        if (node.OffsetClause is not null && node.OrderByClause is null) found.Add("offset without order by");
    }

    public override void Visit(FunctionCall node)
    {
        // Methods and schema-qualified functions are bound by the model.
        if (node.CallTarget is null && !Functions.Contains(node.FunctionName.Value)) found.Add($"function {node.FunctionName.Value} (not known to be on all engines)");
    }

    public override void Visit(BinaryExpression node)
    {
        if (node.BinaryExpressionType == BinaryExpressionType.Add && (node.FirstExpression is StringLiteral || node.SecondExpression is StringLiteral)) found.Add("+ between texts is SQL Server's alone");
    }

    private static string Text(TSqlFragment f) => string.Concat(f.ScriptTokenStream.Skip(f.FirstTokenIndex).Take(f.LastTokenIndex - f.FirstTokenIndex + 1).Select(t => t.Text)).ToLowerInvariant();
}
