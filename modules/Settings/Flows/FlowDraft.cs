using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Flows;

/// <summary>A flow while it is being edited.</summary>
public sealed class FlowDraft
{
    public long? Id { get; init; }
    public int Version { get; init; }
    public required string Type { get; set; }
    public string? Name { get; set; }
    public bool Enabled { get; set; } = true;
    public int Position { get; set; } = 100;
    public IReadOnlyList<Filter> Conditions { get; set; } = [];
    public IReadOnlyList<string> Departments { get; set; } = [];
    public IReadOnlyList<string> CopyTo { get; set; } = [];
    public NobodyRule Nobody { get; set; }
    public long? NobodyUser { get; set; }
    public SubmitterRule Submitter { get; set; }
    public bool SkipRepeated { get; set; } = true;
    public List<StepDraft> Steps { get; } = [];

    public static FlowDraft Of(FlowInfo f)
    {
        var draft = new FlowDraft
        {
            Id = f.Id,
            Version = f.Version,
            Type = f.Type,
            Name = f.Name,
            Enabled = f.Enabled,
            Position = f.Position,
            Conditions = f.Definition.Conditions ?? [],
            Departments = Texts(f.Definition.Departments),
            CopyTo = Texts(f.Definition.CopyTo),
            Nobody = f.Definition.Nobody,
            NobodyUser = f.Definition.NobodyUser,
            Submitter = f.Definition.Submitter,
            SkipRepeated = f.Definition.SkipRepeated,
        };
        draft.Steps.AddRange(f.Definition.Steps.Select(s => new StepDraft { Name = s.Name, By = s.By, Ids = Texts(s.Ids), Levels = s.Levels, Mode = s.Mode, Hours = s.Hours, Conditions = s.Conditions ?? [] }));
        return draft;
    }

    public FlowDefinition Definition() => new([.. Steps.Select(s => new FlowStep(s.Name?.Trim() ?? "", s.By, s.Named ? Ids(s.Ids) : null, s.Levels, s.Mode, s.Hours, s.Conditions))],
        Conditions, Ids(Departments), Nobody, Nobody == NobodyRule.Person ? NobodyUser : null, Submitter, SkipRepeated, Ids(CopyTo));

    private static IReadOnlyList<string> Texts(IReadOnlyList<long>? ids) => [.. (ids ?? []).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private static IReadOnlyList<long> Ids(IReadOnlyList<string> texts) => [.. texts.Select(t => long.Parse(t, CultureInfo.InvariantCulture))];
}

/// <summary>A step while it is being edited.</summary>
public sealed class StepDraft
{
    public string? Name { get; set; }
    public ApproverKind By { get; set; } = ApproverKind.Superior;
    public IReadOnlyList<string> Ids { get; set; } = [];
    public int Levels { get; set; } = 1;
    public StepMode Mode { get; set; }
    public int? Hours { get; set; }
    public IReadOnlyList<Filter> Conditions { get; set; } = [];

    /// <summary>Approvers are chosen, not found by the organization.</summary>
    public bool Named => By is ApproverKind.Users or ApproverKind.Role or ApproverKind.Post;
}
