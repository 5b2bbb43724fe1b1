using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Stages;

/// <summary>What must be there before a stage is entered (OPP-4): fields, a file. That it must be approved is asked by <see cref="Steps.AdvanceStage"/>.</summary>
internal sealed class Gates(IMediator mediator, ICatalog catalog)
{
    /// <summary>What is lacking, as a sentence at a field of the opportunity; null where nothing is.</summary>
    public async Task<(string Field, string Why)?> Lacks(Opportunity o, Stage stage, CancellationToken ct)
    {
        var lacking = Names(stage.RequiredFields).Select(n => Find(catalog, n)).OfType<FieldDefinition>().Where(f => f.Get(o) is null or "").ToList();
        if (lacking.Count > 0) return (lacking[0].Name, $"进入“{stage.Name}”阶段之前，请先填写商机的{string.Join("、", lacking.Select(f => f.Declared))}。");
        if (stage.NeedsFile && (o.Id == 0 || (await mediator.Send(new CountBeside("opportunity", o.Id), ct)).Attachments == 0)) return ("", $"进入“{stage.Name}”阶段之前，请先为商机上传附件。");
        return null;
    }

    public static IEnumerable<string> Names(string? text) => (text ?? "").Split(['、', ',', '，', ';', '；'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A field people fill in, by its label in any language or its name.</summary>
    public static FieldDefinition? Find(ICatalog catalog, string name) =>
        catalog.FindDocument("opportunity")!.Fields.FirstOrDefault(f => f is { System: false, Hidden: false, ReadOnly: false } && (f.Name == name || f.Headings.Contains(name)));
}
