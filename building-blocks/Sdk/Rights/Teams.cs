namespace KuaipuCrm.Sdk;

/// <summary>A document that several people work on, with what stands in its tabs and lives with it: whoever is of the team sees and completes all of it.</summary>
/// <param name="Type">Of the document.</param>
/// <param name="People">The module's table of pairs: <paramref name="Column"/> and <c>user_id</c>.</param>
/// <param name="Column">What names the document in <paramref name="People"/> and in the tables of the parts.</param>
/// <param name="Parts">Document types that stand in its tabs, with their tables.</param>
public sealed record DocumentTeam(string Type, string Table, string People, string Column, params IReadOnlyList<(string Type, string Table)> Parts);

/// <summary>Keeps teams: who is of them, and what is open to them for it.</summary>
public interface ITeams
{
    /// <returns>Users, in no order.</returns>
    Task<IReadOnlyList<long>> Members(DocumentTeam team, long document, CancellationToken ct = default);

    /// <summary>Takes someone into the team; the document with all its parts is open to them from now on.</summary>
    /// <returns>False for one who is of it already.</returns>
    Task<bool> Join(DocumentTeam team, long document, long user, CancellationToken ct = default);

    /// <returns>False for one who was not of it.</returns>
    Task<bool> Leave(DocumentTeam team, long document, long user, CancellationToken ct = default);

    /// <summary>Opens new parts to the teams of their documents.</summary>
    Task Open(DocumentTeam team, string part, IReadOnlyCollection<(long Part, long Document)> parts, CancellationToken ct = default);

    /// <summary>Makes whoever else writes about these documents wait for this transaction; what is read after it is what stands.</summary>
    Task Hold(DocumentTeam team, IEnumerable<long> documents, CancellationToken ct = default);

    /// <summary>Whether one of these values of a part's column stands more than once among the living parts of its document.</summary>
    Task<bool> Twice(DocumentTeam team, string part, string column, IReadOnlyCollection<(long Document, long Value)> values, CancellationToken ct = default);
}
