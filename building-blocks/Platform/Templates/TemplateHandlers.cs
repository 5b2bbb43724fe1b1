using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Templates;

/// <summary>Keeps templates with all their versions, previews them, fills them in (SET-11).</summary>
internal sealed class TemplateHandlers(Db db, ModuleCatalog catalog, DocumentTypes types, TemplateModels models, Caches caches, ICurrentUser me, IIds ids, TimeProvider clock)
    : ITemplates, IQueryHandler<ListTemplates, IReadOnlyList<TemplateView>>, ICommandHandler<SaveTemplate, long>, ICommandHandler<DeleteTemplate, Done>,
      IQueryHandler<ListTemplateVersions, IReadOnlyList<TemplateVersion>>, IQueryHandler<ListTemplateFields, IReadOnlyList<TemplateField>>, ICommandHandler<PreviewTemplate, Rendered>,
      IQueryHandler<ChooseTemplates, IReadOnlyList<TemplateChoice>>, IQueryHandler<FillTemplate, Rendered>
{
    public async Task<IReadOnlyList<TemplateView>> Handle(ListTemplates query, CancellationToken ct) =>
        [.. (await db.Query<Row>($"select id, kind, type, name, subject, body, enabled, version, updated_by, updated_at from platform.template {Sql.When(query.Kind is { Length: > 0 }, $"where kind = {query.Kind}")} order by kind, name, id", ct))
            .Select(r => new TemplateView(r.Id, r.Kind, r.Type, r.Name, r.Subject, r.Body, r.Enabled, (int)r.Version, r.UpdatedAt, Who(r.UpdatedBy)))];

    public async Task<long> Handle(SaveTemplate command, CancellationToken ct)
    {
        var (name, now, type) = (TextNorm.Clean(command.Name), clock.GetUtcNow().UtcDateTime, command.Type is { Length: > 0 } t ? t : null);
        if (name.Length == 0) throw new Invalid("name", "请填写模板名称。");
        Check(command.Kind, type, command.Subject, command.Body);
        var (subject, body) = (command.Kind == TemplateKind.Mail ? command.Subject!.Trim() : null, command.Body);
        if (await db.First<long?>($"select id from platform.template where kind = {command.Kind} and name = {name}", ct) is { } same && same != command.Id) throw new Invalid("name", $"已有名为“{name}”的模板。");
        var id = command.Id ?? ids.Next();
        var version = command.Id is null ? 1 : command.Version + 1;
        if (command.Id is null)
            await db.Insert("platform.template", ["id", "kind", "type", "name", "subject", "body", "enabled", "version", "updated_by", "updated_at"], [[id, command.Kind, type, name, subject, body, command.Enabled, 1L, me.Id, now]], ct);
        else if (await db.Execute($"update platform.template set kind = {command.Kind}, type = {type}, name = {name}, subject = {subject}, body = {body}, enabled = {command.Enabled}, version = {version}, updated_by = {me.Id}, updated_at = {now} where id = {id} and version = {command.Version}", ct) == 0)
            throw await db.First<long?>($"select id from platform.template where id = {id}", ct) is null ? new NotFound("模板") : new RuleBroken("这个模板已被他人修改，请刷新后再改。");
        await db.Insert("platform.template_version", ["template_id", "version", "subject", "body", "user_id", "at"], [[id, (long)version, subject, body, me.Id, now]], ct);
        return id;
    }

    public async Task<Done> Handle(DeleteTemplate command, CancellationToken ct)
    {
        if (await db.Execute($"delete from platform.template where id = {command.Id}", ct) == 0) throw new NotFound("模板");
        await db.Execute($"delete from platform.template_version where template_id = {command.Id}", ct);
        return default;
    }

    public async Task<IReadOnlyList<TemplateVersion>> Handle(ListTemplateVersions query, CancellationToken ct) =>
        [.. (await db.Query<VersionRow>($"select version, subject, body, at, user_id from platform.template_version where template_id = {query.Id} order by version desc {db.Dialect.Page(200)}", ct))
            .Select(r => new TemplateVersion((int)r.Version, r.Subject, r.Body, r.At, Who(r.UserId)))];

    public Task<IReadOnlyList<TemplateField>> Handle(ListTemplateFields query, CancellationToken ct) =>
        Task.FromResult(TemplateModels.Insertable(query.Type is { Length: > 0 } type ? catalog.Document(type) : null));

    public async Task<Rendered> Handle(PreviewTemplate command, CancellationToken ct)
    {
        var d = command.Type is { Length: > 0 } type ? catalog.Document(type) : null;
        if (command.DocumentId is not null && d is null) throw new Invalid("type", "请先选择单据类型。");
        if (d is not null && command.DocumentId is not null && !me.May(d.Permission(DocumentRight.Read))) throw new NotAllowed($"{d.Label}：查看");
        try
        {
            return await Render(command.Kind, command.Subject, command.Body, d, command.DocumentId, null, false, ct);
        }
        catch (Invalid e)
        {
            return new(null, "", e.Message);
        }
    }

    public async Task<IReadOnlyList<TemplateChoice>> Handle(ChooseTemplates query, CancellationToken ct) =>
        await db.Query<TemplateChoice>($"select id, name from platform.template where kind = {query.Kind} and enabled = {true} and (type is null or type = {query.Type}) order by name, id", ct);

    public async Task<Rendered> Handle(FillTemplate query, CancellationToken ct)
    {
        var row = await Find(query.TemplateId, ct);
        if (row.Type is not null && row.Type != query.Type || query.Kind is not null && row.Kind != query.Kind) throw new NotFound("模板");
        return await Render(row.Kind, row.Subject, row.Body, catalog.Document(query.Type), query.Id, null, false, ct);
    }

    public async Task<Rendered> Fill(long templateId, string kind, string? documentType, long? documentId, Receiver? to = null, CancellationToken ct = default)
    {
        var row = await Find(templateId, ct);
        if (row.Kind != kind) throw new NotFound("模板");
        if (documentId is { } about && documentType is null) documentType = await types.Of(db, about, ct);
        if (row.Type is not null && documentType is not null && row.Type != documentType) throw new Invalid("templateId", $"模板“{row.Name}”不是给这类单据的。");
        return await Render(row.Kind, row.Subject, row.Body, documentType is null ? row.Type is null ? null : catalog.Document(row.Type) : catalog.Document(documentType), documentId, to, db.InUnit, ct);
    }

    public async Task<Rendered> Said(long templateId, string kind, string documentType, long documentId, CancellationToken ct = default)
    {
        var row = await Of(templateId, kind, documentType, ct);
        return await Render(row.Kind, row.Subject, row.Body, catalog.Document(documentType), documentId, null, false, ct, nobody: true);
    }

    /// <summary>What a reminder says to the current user. It may go on by mail, SMS and into group chats: numbers stay masked in it, the owner's own, too.</summary>
    public async Task<string> Reminding(long templateId, DocumentDefinition d, long documentId, CancellationToken ct)
    {
        var row = await Of(templateId, TemplateKind.Reminder, d.Type, ct);
        return TemplateEngine.Render(row.Body, await models.Of(d, documentId, null, row.Body, false, ct, reminding: true), false, "body");
    }

    /// <summary>Whether reminders on the type may be worded so.</summary>
    /// <exception cref="NotFound">They may not.</exception>
    public Task CheckReminding(long templateId, DocumentDefinition d, CancellationToken ct) => Of(templateId, TemplateKind.Reminder, d.Type, ct);

    /// <summary>A saved template as it stands.</summary>
    public async Task<(string? Subject, string Body, string? Type)> Source(long templateId, string kind, CancellationToken ct)
    {
        var row = await Find(templateId, ct);
        if (row.Kind != kind) throw new NotFound("模板");
        return (row.Subject, row.Body, row.Type);
    }

    /// <summary>Fills a text in that is no saved template.</summary>
    public async Task<Rendered> Render(string kind, string? subject, string body, DocumentDefinition? d, long? id, Receiver? to, bool unmask, CancellationToken ct, bool nobody = false)
    {
        var model = await models.Of(d, id, to, subject + "\n" + body, unmask, ct, nobody);
        var line = subject is null ? null : TemplateEngine.Render(subject, model, false, "subject").ReplaceLineEndings(" ").Trim();
        return new(line?.Length > 200 ? line[..200] : line, TemplateEngine.Render(body, model, TemplateKind.IsHtml(kind), "body"));
    }

    /// <summary>What a text must be before it is kept.</summary>
    /// <exception cref="Invalid">Broken; tells line and column.</exception>
    private void Check(string kind, string? type, string? subject, string body)
    {
        if (TemplateKind.All.All(k => k.Kind != kind)) throw new Invalid("kind", "没有这种用途的模板。");
        if (type is not null && catalog.FindDocument(type) is null) throw new Invalid("type", "没有这种单据。");
        if (string.IsNullOrWhiteSpace(body)) throw new Invalid("body", "请填写模板内容。");
        if (kind == TemplateKind.Mail && string.IsNullOrWhiteSpace(subject)) throw new Invalid("subject", "请填写邮件主题。");
        if (subject is not null) TemplateEngine.Parse(subject, "subject");
        TemplateEngine.Parse(body, "body");
    }

    private async Task<Row> Of(long id, string kind, string documentType, CancellationToken ct) =>
        await Find(id, ct) is var row && row.Kind == kind && (row.Type is null || row.Type == documentType) ? row : throw new NotFound("模板");

    private async Task<Row> Find(long id, CancellationToken ct) =>
        await db.First<Row>($"select id, kind, type, name, subject, body, enabled, version, updated_by, updated_at from platform.template where id = {id} and enabled = {true}", ct) ?? throw new NotFound("模板");

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, string Kind, string? Type, string Name, string? Subject, string Body, bool Enabled, long Version, long UpdatedBy, DateTime UpdatedAt);
    private sealed record VersionRow(long Version, string? Subject, string Body, DateTime At, long UserId);
}
