using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Stages;

/// <summary>The stages in their order; read once in a scope.</summary>
internal sealed class StageBook(IDb db, IScope scope)
{
    private IReadOnlyList<Stage>? all;

    /// <summary>Those of a type, disabled ones among them.</summary>
    public async Task<IReadOnlyList<Stage>> Of(string kind, CancellationToken ct) => [.. (await All(ct)).Where(s => s.Kind == kind)];

    public async Task<Stage?> Find(long? id, CancellationToken ct) => (await All(ct)).FirstOrDefault(s => s.Id == id);

    private async Task<IReadOnlyList<Stage>> All(CancellationToken ct) => all ??= await db.Query<Stage>($"""
        select s.id, s.kind, s.name, s.sort, s.probability, s.expected_days, s.duties, s.standard, s.required_fields, s.needs_file, s.needs_approval, s.disabled
        from opportunities.stage s where s.deleted_at is null and {scope.All("stage", "stages are the same for all")} order by s.sort, s.id
        """, ct);
}
