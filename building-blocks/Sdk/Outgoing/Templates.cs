using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>What a template is for (SET-11).</summary>
public static class TemplateKind
{
    public const string Mail = "mail", Sms = "sms", Reminder = "reminder", Print = "print";

    /// <summary>With Chinese labels, in the order shown.</summary>
    public static readonly IReadOnlyList<(string Kind, string Label)> All = [(Mail, "邮件"), (Sms, "短信"), (Reminder, "提醒"), (Print, "打印")];

    /// <summary>Whether its text is HTML: what documents hold is encoded, what authors write is sanitized.</summary>
    public static bool IsHtml(string kind) => kind is Mail or Print;
}

/// <summary>A text with fields of a document in it (Scriban): <c>{{ 单据.客户名称 }}</c>.</summary>
/// <param name="Kind">One of <see cref="TemplateKind"/>.</param>
/// <param name="Type">The document type it is for; null: for all.</param>
/// <param name="Subject">For mail.</param>
/// <param name="Version">Counts the saves.</param>
public sealed record TemplateView(long Id, string Kind, string? Type, string Name, string? Subject, string Body, bool Enabled, int Version, DateTime UpdatedAt, string UpdatedBy);

[Action("模板列表", TemplateRights.Manage, Route = "templates", Help = "邮件、短信、提醒、打印模板；kind 只要一种。")]
public sealed record ListTemplates([Label("用途：mail、sms、reminder、print")] string? Kind = null) : IQuery<IReadOnlyList<TemplateView>>;

/// <summary>Creates or changes a template; every version is kept. A text that can't be read is refused, with line and column.</summary>
/// <param name="Id">None to create.</param>
/// <param name="Version">The version seen; a stale one is refused.</param>
[Action("保存模板", TemplateRights.Manage, Route = "templates", Help = "新建（不给 id）或修改模板；每个版本都保留。写错的模板会告知行和列。",
    Example = "{\"kind\":\"sms\",\"type\":\"customer\",\"name\":\"问候短信\",\"body\":\"您好，{{ 单据.客户名称 }}\",\"enabled\":true,\"version\":0}")]
public sealed record SaveTemplate(
    long? Id, [Label("用途")] string Kind, [Label("单据类型")] string? Type, [Label("名称"), MaxLength(60)] string Name, [Label("主题"), MaxLength(200)] string? Subject,
    [Label("内容"), MaxLength(100_000)] string Body, bool Enabled = true, int Version = 0) : ICommand<long>;

[Action("删除模板", TemplateRights.Manage, Route = "templates/{id}/delete")]
public sealed record DeleteTemplate(long Id) : ICommand<Done>;

/// <summary>The versions of a template, newest first.</summary>
[Action("模板的各个版本", TemplateRights.Manage, Route = "templates/{id}/versions")]
public sealed record ListTemplateVersions(long Id) : IQuery<IReadOnlyList<TemplateVersion>>;

public sealed record TemplateVersion(int Version, string? Subject, string Body, DateTime At, string By);

/// <summary>What can be inserted into a template for a document type.</summary>
[Action("模板可用的字段", TemplateRights.Manage, Route = "template-fields")]
public sealed record ListTemplateFields(string? Type = null) : IQuery<IReadOnlyList<TemplateField>>;

/// <param name="Group">Heading.</param>
/// <param name="Insert">What is put into the text, e.g. <c>{{ 单据.客户名称 }}</c>.</param>
public sealed record TemplateField(string Group, string Label, string Insert);

/// <summary>Shows a template, saved or not, on a real document under the asker's own rights. Changes nothing.</summary>
/// <param name="DocumentId">None: with made-up values.</param>
[Action("预览模板", TemplateRights.Manage, Route = "templates/preview", Help = "用一份真实单据（须能查看）预览模板，不保存。",
    Example = "{\"kind\":\"sms\",\"body\":\"您好，{{ 收件人.姓名 }}\"}")]
public sealed record PreviewTemplate(string Kind, string? Type, [MaxLength(200)] string? Subject, [MaxLength(100_000)] string Body, long? DocumentId = null) : ICommand<Rendered>;

/// <summary>A template filled in.</summary>
/// <param name="Error">Why it can't be, with line and column; null where it can.</param>
public sealed record Rendered(string? Subject, string Body, string? Error = null);

/// <summary>The templates someone may use for a document.</summary>
public sealed record ChooseTemplates(string Type, string Kind) : IQuery<IReadOnlyList<TemplateChoice>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

public sealed record TemplateChoice(long Id, string Name);

/// <summary>A template filled in for a document: what would be sent, or what is printed.</summary>
/// <param name="Kind">Only a template of this kind: what is put on a page as HTML must come from one that is sanitized.</param>
public sealed record FillTemplate(string Type, long Id, long TemplateId, string? Kind = null) : IQuery<Rendered>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Fills templates in for the platform's other services and for modules.</summary>
public interface ITemplates
{
    /// <summary>Fills a saved template in for a document, under the current user's rights: masked fields stay masked.</summary>
    /// <param name="kind">One of <see cref="TemplateKind"/>: only mail is HTML and encoded as such.</param>
    /// <exception cref="NotFound">No such template of that kind, or a document the user may not see.</exception>
    /// <exception cref="Invalid">The template is broken; tells line and column.</exception>
    Task<Rendered> Fill(long templateId, string kind, string? documentType, long? documentId, Receiver? to = null, CancellationToken ct = default);

    /// <summary>What a saved template says of a document to nobody in particular: without sender and receiver, so that it is the same words whoever asks, for as long as template and document are the same.</summary>
    /// <exception cref="NotFound">No such template of that kind and type, or a document the user may not see.</exception>
    Task<Rendered> Said(long templateId, string kind, string documentType, long documentId, CancellationToken ct = default);
}

/// <summary>Rights over templates.</summary>
public static class TemplateRights
{
    public const string Manage = "settings.templates.manage";
}
