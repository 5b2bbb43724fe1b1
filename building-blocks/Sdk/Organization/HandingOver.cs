namespace KuaipuCrm.Sdk;

/// <summary>Documents of a type with one of these values in a field go to these heirs, by turns; the first rule that fits counts.</summary>
/// <param name="Field">A choice of the type, e.g. <c>region</c>; an entry stands for those below it.</param>
public sealed record HeirRule(string Type, string Field, IReadOnlyList<string> Values, IReadOnlyList<long> Heirs);

/// <summary>What a person has besides documents and hands over with them: approvals that wait, requests that run. Found by scan.</summary>
public interface IHandsOver
{
    /// <summary>Stable, at most 20 characters.</summary>
    string Name { get; }

    /// <summary>Chinese.</summary>
    string Label { get; }

    Task<long> Count(long personId, CancellationToken ct);

    /// <summary>Moves it within the running command: to the heir, and back where a hand-over is undone, as far as it is as it was left.</summary>
    /// <param name="only">What was moved before and comes back; null for all there is.</param>
    /// <returns>Ids, one for each thing moved.</returns>
    Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct);
}
