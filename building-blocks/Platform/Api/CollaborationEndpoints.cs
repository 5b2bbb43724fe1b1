using KuaipuCrm.Platform.Collaboration;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace KuaipuCrm.Platform.Api;

/// <summary>What lies beside documents: comments, approvals and attachments, for the types that declare them.</summary>
internal static class CollaborationEndpoints
{
    /// <param name="Text">At most 2,000 characters.</param>
    internal sealed record CommentBody(string? Text, long? ReplyTo);

    /// <param name="CopyTo">Users who get a copy once it is approved, at most 20.</param>
    internal sealed record SubmitBody(long? Version, string? Note, IReadOnlyList<long>? CopyTo);

    /// <param name="Channel"><c>mail</c> or <c>sms</c>.</param>
    internal sealed record MailBody(string? To, string? Name, string? Subject, string? Body, long? TemplateId, string? Channel);

    internal sealed record Created(long Id);

    public static void Map(RouteGroupBuilder group, DocumentDefinition d)
    {
        var (type, path) = (d.Type, $"/{d.Plural}/{{id:long}}");
        if (d.Comments)
        {
            group.Get(path + "/comments", (long id, [FromQuery] int? take, [FromQuery] long? before, IMediator mediator, CancellationToken ct) => mediator.Send(new ListComments(type, id, take ?? 50, before), ct))
                .WithName($"ListComments{type}").WithSummary($"{d.Label}的点评，新的在前");
            group.Post(path + "/comments", async (long id, CommentBody body, IMediator mediator, CancellationToken ct) => TypedResults.Ok(new Created(await mediator.Send(new AddComment(type, id, body.Text ?? "", body.ReplyTo), ct))))
                .WithName($"AddComment{type}").WithSummary($"点评{d.Label}，或回复点评；负责人会收到短信");
            group.Delete(path + "/comments/{comment:long}", (long id, long comment, IMediator mediator, CancellationToken ct) => mediator.Send(new WithdrawComment(type, id, comment), ct))
                .WithName($"WithdrawComment{type}").WithSummary("撤回自己的点评");
        }
        if (d.Approvals)
        {
            group.Post(path + "/submit", async (long id, SubmitBody body, IMediator mediator, CancellationToken ct) => TypedResults.Ok(new Created(await mediator.Send(new SubmitDocument(type, id, body.Version ?? 0, body.Note, body.CopyTo), ct))))
                .WithName($"Submit{type}").WithSummary($"提交{d.Label}审核；version 为所见的版本，copyTo 为审核通过后另外抄送的用户（最多 20 人）");
            group.Post(path + "/withdraw", (long id, IMediator mediator, CancellationToken ct) => mediator.Send(new WithdrawDocument(type, id), ct)).WithName($"Withdraw{type}").WithSummary($"撤回{d.Label}的审核");
            group.Get(path + "/approvals", (long id, IMediator mediator, CancellationToken ct) => mediator.Send(new ListTrail(type, id), ct)).WithName($"Trail{type}").WithSummary($"{d.Label}的审核记录，新的在前");
        }
        if (d.Reminders)
        {
            group.Get(path + "/reminders", (long id, IMediator mediator, CancellationToken ct) => mediator.Send(new ListReminders(type, id), ct)).WithName($"ListReminders{type}").WithSummary($"{d.Label}的提醒");
            group.Post(path + "/reminders", async (long id, ReminderWish body, IMediator mediator, CancellationToken ct) => TypedResults.Ok(new Created(await mediator.Send(new AddReminder(type, id, body), ct))))
                .WithName($"AddReminder{type}").WithSummary($"对{d.Label}的一个日期设置提醒");
            group.Delete(path + "/reminders/{rule:long}", (long id, long rule, IMediator mediator, CancellationToken ct) => mediator.Send(new RemoveReminder(type, id, rule), ct)).WithName($"RemoveReminder{type}").WithSummary("取消提醒");
        }
        if (d.Mail)
        {
            group.Get(path + "/mail", (long id, [FromQuery] int? take, [FromQuery] long? beforeId, IMediator mediator, CancellationToken ct) => mediator.Send(new ListDocumentOutgoing(type, id, take ?? 50, beforeId), ct))
                .WithName($"ListMail{type}").WithSummary($"{d.Label}的邮件和短信记录，新的在前");
            group.Post(path + "/mail", async (long id, MailBody body, IMediator mediator, CancellationToken ct) =>
                    TypedResults.Ok(new Created(await mediator.Send(new SendAboutDocument(type, id, body.To ?? "", body.Name, body.Subject, body.Body, body.TemplateId, body.Channel ?? OutgoingChannel.Mail), ct))))
                .WithName($"SendMail{type}").WithSummary($"就{d.Label}发邮件或短信：给出 templateId，或 subject 与 body");
        }
        if (!d.Attachments) return;
        group.Get(path + "/attachments", (long id, [FromQuery] long? versionsOf, IMediator mediator, CancellationToken ct) => mediator.Send(new ListAttachments(type, id, versionsOf), ct))
            .WithName($"ListAttachments{type}").WithSummary($"{d.Label}的附件；versionsOf 给出一个附件时，列出它的各个版本");
        group.Post(path + "/attachments", async (long id, HttpRequest http, [FromQuery] string? name, [FromQuery] long? replaces, [FromQuery] string? confirmed, IFileStore files, IMediator mediator, IConfiguration settings, CancellationToken ct) =>
                TypedResults.Ok(new Created(await Take(type, id, http, name ?? "", replaces, Codes(confirmed), files, mediator, Most(settings), ct))))
            .WithName($"Attach{type}").WithSummary($"上传{d.Label}的附件，内容即文件本身；replaces 给出一个附件时，作为它的新版本；已审核通过的，确认重新审核时给出 confirmed=approved").Accepts<byte[]>("application/octet-stream").WithMetadata(new DisableRequestSizeLimitAttribute());
        group.Get(path + "/attachments/{attachment:long}", async (long id, long attachment, [FromQuery] bool? inline, HttpResponse response, IMediator mediator, CancellationToken ct) =>
            Show(response, await mediator.Send(new OpenAttachment(type, id, attachment), ct), inline == true)).WithName($"OpenAttachment{type}").WithSummary("下载附件；inline 在浏览器中预览图片或 PDF");
        group.Delete(path + "/attachments/{attachment:long}", (long id, long attachment, [FromQuery] string? confirmed, IMediator mediator, CancellationToken ct) => mediator.Send(new RemoveAttachment(type, id, attachment, Codes(confirmed)), ct))
            .WithName($"RemoveAttachment{type}").WithSummary("删除附件及其各个版本；已审核通过的，确认重新审核时给出 confirmed=approved");
    }

    private static string[]? Codes(string? confirmed) => confirmed?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Setting <c>Attachments:MaxMegabytes</c>; 50 unless told.</summary>
    private static long Most(IConfiguration settings) => Math.Clamp(settings.GetValue<long?>("Attachments:MaxMegabytes") ?? 50, 1, 2000) << 20;

    private static async Task<long> Take(string type, long id, HttpRequest http, string raw, long? replaces, IReadOnlyList<string>? confirmed, IFileStore files, IMediator mediator, long most, CancellationToken ct)
    {
        // Who may not, is not let fill the disk first.
        var view = await mediator.Send(new GetDocument(type, id), ct);
        if (view.DeletedAt is not null) throw new Sdk.NotFound("单据");
        if (!view.Rights.Contains(DocumentRight.Update)) throw new NotAllowed("修改");
        // What is checked is the name that is kept.
        var name = FileContent.NameOf(raw);
        if (http.ContentLength > most) throw new Invalid("file", $"文件超过上限 {most >> 20} MB。");
        var (hash, size) = await files.Put(http.Body, most, ct);
        var head = new byte[64];
        await using (var content = files.Open(hash)) head = head[..await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct)];
        return await mediator.Send(new Attach(type, id, name, new TakenFile(hash, size, FileContent.TypeOf(name, head)), replaces, confirmed), ct);
    }

    /// <summary>Nothing that was uploaded runs in a page of ours: shown are pictures and PDF only, all else is saved.</summary>
    private static FileStreamHttpResult Show(HttpResponse response, AttachedFile file, bool inline)
    {
        var show = inline && file.Preview is not null;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "private, no-store";
        if (file.Preview != "pdf") response.Headers.ContentSecurityPolicy = "default-src 'none'; img-src 'self'; sandbox";
        if (show) response.Headers.ContentDisposition = new System.Net.Http.Headers.ContentDispositionHeaderValue("inline") { FileNameStar = file.Name }.ToString();
        return TypedResults.File(file.Content, show || file.Preview is not null ? file.ContentType : "application/octet-stream", show ? null : file.Name, enableRangeProcessing: true);
    }
}
