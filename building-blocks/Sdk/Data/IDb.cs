namespace KuaipuCrm.Sdk;

/// <summary>The way to the tables. Write <c>schema.table</c>; on SQLite it becomes <c>schema_table</c>.</summary>
/// <remarks>A statement that names a document's table without its scope (<see cref="IScope"/>) is refused before it runs.</remarks>
public interface IDb
{
    /// <summary>All rows. <typeparamref name="T"/>: a simple value, or a class whose properties are named like the columns.</summary>
    Task<IReadOnlyList<T>> Query<T>(Sql sql, CancellationToken ct = default);

    /// <summary>All rows of several statements that are asked at once, each on a connection of its own; inside a command, one after another. For sums over so many rows that the wait counts.</summary>
    /// <returns>The rows in the order of the statements. What is written meanwhile may be seen by one and not by another, as with questions one after another.</returns>
    Task<IReadOnlyList<T>> Together<T>(IReadOnlyList<Sql> statements, CancellationToken ct = default);

    /// <summary>The first row, or the type's default.</summary>
    Task<T?> First<T>(Sql sql, CancellationToken ct = default);

    /// <summary>Changes rows; only inside a command.</summary>
    /// <returns>The number of rows changed.</returns>
    Task<int> Execute(Sql sql, CancellationToken ct = default);

    /// <summary>Adds many rows at the speed of the engine's bulk path; only inside a command.</summary>
    /// <param name="table">Table as <c>schema.table</c>, named in code.</param>
    /// <param name="columns">Column names, named in code.</param>
    /// <param name="rows">Values in the order of the columns.</param>
    /// <param name="ct">Ends the work.</param>
    Task Insert(string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct = default);

    /// <summary>What the engines write differently.</summary>
    IDialect Dialect { get; }

    /// <summary>Whether a command is running, so that rows can be written and held. While an import looks at its rows, before it writes them, none is.</summary>
    bool InUnit { get; }
}

/// <summary>The whole list of what the three engines write differently and modules may need. A further member needs a decision record.</summary>
public interface IDialect
{
    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>sqlserver</c>.</summary>
    string Name { get; }

    /// <summary>To be put after an <c>order by</c>.</summary>
    Sql Page(int take, long skip = 0);

    /// <summary>The column contains the text; letters compare without case.</summary>
    Sql Contains(Sql column, string text);

    /// <summary>The column begins with the text.</summary>
    Sql StartsWith(Sql column, string text);

    /// <summary>The column for testing rows only. SQLite knows no statistics and takes an index wherever it can: where most rows meet the condition, it is told not to by this one.</summary>
    Sql Aside(Sql column);

    /// <summary>The column is one of the ids: one parameter, however many.</summary>
    Sql In(Sql column, IReadOnlyCollection<long> ids);

    /// <summary>The column is one of the texts: one parameter, however many.</summary>
    Sql In(Sql column, IReadOnlyCollection<string> texts);
}

/// <summary>Draws ids: 64-bit, unique over all document types, below 2^53.</summary>
public interface IIds
{
    /// <summary>The next id.</summary>
    long Next();

    /// <summary>The first of <paramref name="count"/> ids in a row.</summary>
    long Next(int count);
}
