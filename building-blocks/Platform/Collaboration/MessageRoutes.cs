using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Sends messages on by mail, SMS and robots, as company and receivers have chosen for their kind; in the transaction of the message.</summary>
internal sealed class MessageRoutes(Db db, ModuleCatalog catalog, OutgoingPost post, Caches caches, IMediator mediator, ICurrentUser me)
    : IQueryHandler<ListMessageRoutes, IReadOnlyList<MessageRoute>>, ICommandHandler<SetMessageRoute, Done>, IQueryHandler<ListOwnMessageRoutes, IReadOnlyList<OwnMessageRoute>>, ICommandHandler<SetOwnMessageRoute, Done>
{
    private const long Company = 0;
    private const string Private = "user";

    private static readonly (string Kind, string Label)[] Own = [(Private, "同事短信"), ("comment", "点评"), ("task", "计划任务"), ("approval", "审核"), ("reminder", "提醒"), ("announcement", "公告通知"), ("system", "系统消息")];

    private IReadOnlyList<(string Kind, string Label)> Kinds => [.. Own.Concat(catalog.Modules.SelectMany(m => m.Definition.MessageKinds).Select(k => (k.Key, k.Value))).DistinctBy(k => k.Item1)];

    public async Task<IReadOnlyList<MessageRoute>> Handle(ListMessageRoutes query, CancellationToken ct)
    {
        var set = (await Rows(Company, ct)).ToDictionary(r => r.Kind);
        return [.. Kinds.Select(k => new MessageRoute(k.Kind, k.Label, set.GetValueOrDefault(k.Kind)?.Mail == true, set.GetValueOrDefault(k.Kind)?.Sms == true, RobotsOf(set.GetValueOrDefault(k.Kind)), k.Kind != Private))];
    }

    public async Task<Done> Handle(SetMessageRoute command, CancellationToken ct)
    {
        Known(command.Kind);
        if (command.Kind == Private && command.Robots.Count > 0) throw new Invalid("robots", "同事之间的短信不能发到群里。");
        var robots = command.Robots.Distinct().ToList();
        if (robots.Count > 20 || (await db.Query<long>($"select id from platform.channel where {db.Dialect.In(Sql.Trusted("id"), robots)} and kind not in ('mail', 'sms')", ct)).Count != robots.Count) throw new Invalid("robots", "所选的群机器人不存在。");
        await Put(Company, command.Kind, command.Mail, command.Sms, robots.Count == 0 ? null : JsonSerializer.Serialize(robots), ct);
        return default;
    }

    public async Task<IReadOnlyList<OwnMessageRoute>> Handle(ListOwnMessageRoutes query, CancellationToken ct)
    {
        var (company, own) = ((await Rows(Company, ct)).ToDictionary(r => r.Kind), me.Id == Company ? [] : (await Rows(me.Id, ct)).ToDictionary(r => r.Kind));
        return [.. Kinds.Select(k => new OwnMessageRoute(k.Kind, k.Label, company.GetValueOrDefault(k.Kind)?.Mail == true, company.GetValueOrDefault(k.Kind)?.Sms == true, own.GetValueOrDefault(k.Kind)?.Mail, own.GetValueOrDefault(k.Kind)?.Sms))];
    }

    public async Task<Done> Handle(SetOwnMessageRoute command, CancellationToken ct)
    {
        Known(command.Kind);
        await Put(me.Id, command.Kind, command.Mail, command.Sms, null, ct);
        return default;
    }

    /// <summary>One question where nobody wants anything, which is the rule.</summary>
    /// <param name="users">Who got the message.</param>
    /// <param name="mail">To all of them, whatever they chose.</param>
    public async Task Forward(IReadOnlyCollection<long> users, string kind, string text, long? documentId, string? link, bool mail, bool sms, CancellationToken ct)
    {
        var rows = await db.Query<Row>($"select user_id, kind, mail, sms, robots from platform.message_route where kind = {kind} and {db.Dialect.In(Sql.Trusted("user_id"), [Company, .. users])}", ct);
        if (rows.Count == 0 && !mail && !sms) return;
        var (company, own) = (rows.FirstOrDefault(r => r.UserId == Company), rows.Where(r => r.UserId != Company).ToDictionary(r => r.UserId));
        var byMail = users.Where(u => mail || (own.GetValueOrDefault(u)?.Mail ?? company?.Mail) == true).ToList();
        var bySms = users.Where(u => sms || (own.GetValueOrDefault(u)?.Sms ?? company?.Sms) == true).ToList();
        var said = me.Id == 0 ? text : $"{me.Name}：{text}";
        if (byMail.Count + bySms.Count > 0)
        {
            var label = Kinds.FirstOrDefault(k => k.Kind == kind).Label ?? "消息";
            var addresses = (await mediator.Send(new FindAddresses([.. byMail.Union(bySms)]), ct)).ToDictionary(a => a.Id);
            var url = byMail.Count > 0 ? await Link(documentId, link, ct) : null;
            var english = (await db.Query<long>($"select user_id from platform.preference where name = {Security.SignInDesk.Language} and value like 'en%'", ct)).ToHashSet();
            // As the receiver reads it; what a person wrote stays as it was written.
            (string Label, string Said) Told(long user) => !english.Contains(user) ? ($"{label}：", said)
                : (Texts.RetellEnglish(label) + ": ", (me.Id == 0 ? "" : me.Name + ": ") + (kind == Private ? text : Texts.RetellEnglish(text)));
            foreach (var user in byMail)
                if (addresses.GetValueOrDefault(user)?.Email is { } to && Addresses.Of(OutgoingChannel.Mail, to) is not null)
                {
                    var (about, words) = Told(user);
                    await post.Send(new Letter { To = new(to, caches.Organization.Person(user)?.Name, user), Subject = about + (words.Length > 60 ? words[..60] + "…" : words), Body = url is null ? words : $"{words}\n\n{url}", DocumentId = documentId }, ct);
                }
            foreach (var user in bySms)
                if (addresses.GetValueOrDefault(user)?.Mobile is { } to && Addresses.Of(OutgoingChannel.Sms, to) is not null)
                {
                    var (_, words) = Told(user);
                    await post.Send(new Letter { Channel = OutgoingChannel.Sms, To = new(to, caches.Organization.Person(user)?.Name, user), Body = words.Length > 200 ? words[..200] + "…" : words, DocumentId = documentId }, ct);
                }
        }
        if (kind == Private || RobotsOf(company) is not { Count: > 0 } robots) return;
        foreach (var robot in await db.Query<Robot>($"select id, kind, name from platform.channel where {db.Dialect.In(Sql.Trusted("id"), robots)} and enabled = {true}", ct))
            await post.ToRobot(robot.Id, robot.Kind, robot.Name, said, documentId, ct);
    }

    /// <summary>Where the mail's reader finds it, if the administrator has told how the CRM is reached.</summary>
    private async Task<string?> Link(long? documentId, string? link, CancellationToken ct)
    {
        var settings = await db.First<string>($"select settings from platform.channel where kind = {OutgoingChannel.Mail}", ct);
        if (settings is null || JsonSerializer.Deserialize<MailSettings>(settings, JsonSerializerOptions.Web)?.PublicUrl is not { Length: > 0 } url) return null;
        if (link is null && documentId is { } id && await db.First<string>($"select t.name from platform.document d join platform.document_type t on t.id = d.type_id where d.id = {id}", ct) is { } type && catalog.FindDocument(type) is { } d) link = $"{d.Path}/{id}";
        return $"{url.TrimEnd('/')}{link ?? "/messages"}";
    }

    private void Known(string kind)
    {
        if (Kinds.All(k => k.Kind != kind)) throw new NotFound("这类消息");
    }

    private Task<IReadOnlyList<Row>> Rows(long user, CancellationToken ct) => db.Query<Row>($"select user_id, kind, mail, sms, robots from platform.message_route where user_id = {user}", ct);

    private async Task Put(long user, string kind, bool? mail, bool? sms, string? robots, CancellationToken ct)
    {
        if (await db.Execute($"update platform.message_route set mail = {mail}, sms = {sms}, robots = {robots} where user_id = {user} and kind = {kind}", ct) == 0)
            await db.Insert("platform.message_route", ["user_id", "kind", "mail", "sms", "robots"], [[user, kind, mail, sms, robots]], ct);
    }

    private static IReadOnlyList<long> RobotsOf(Row? row) => row?.Robots is { } json ? JsonSerializer.Deserialize<List<long>>(json)! : [];

    private sealed record Row(long UserId, string Kind, bool? Mail, bool? Sms, string? Robots);
    private sealed record Robot(long Id, string Kind, string Name);
}
