using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>What went out and what didn't: the log of all for administrators, a document's own beside it, under its rights.</summary>
internal sealed class OutgoingLog(Db db, ModuleCatalog catalog, DocumentTypes types, Reach reach, OutgoingPost post, Caches caches, IMediator mediator, OutgoingSignal signal, ICurrentUser me, TimeProvider clock)
    : IQueryHandler<ListOutgoing, IReadOnlyList<OutgoingView>>, IQueryHandler<GetOutgoing, OutgoingView>, ICommandHandler<RetryOutgoing, int>, ICommandHandler<CancelOutgoing, int>, IQueryHandler<ListDocumentOutgoing, IReadOnlyList<OutgoingView>>,
      ICommandHandler<SendAboutDocument, long>, IQueryHandler<SuggestReceivers, IReadOnlyList<Receiver>>, IQueryHandler<ListOptOuts, IReadOnlyList<OptOut>>, ICommandHandler<SetOptOut, Done>
{
    private static readonly string[] States = ["waiting", "sent", "parked", "skipped", "cancelled"];

    public async Task<IReadOnlyList<OutgoingView>> Handle(ListOutgoing query, CancellationToken ct)
    {
        if (query.State is { Length: > 0 } state && !States.Contains(state)) throw new Invalid("state", "没有这种状态。");
        var (before, text) = (query.BeforeId ?? long.MaxValue, query.Text?.Trim() ?? "");
        return await Read($"""
            where o.id < {before} {Sql.When(query.State is { Length: > 0 }, $"and o.state = {query.State}")} {Sql.When(query.Channel is { Length: > 0 }, $"and o.channel = {query.Channel}")}
            {Sql.When(text.Length > 0, $"and ({db.Dialect.Contains(Sql.Trusted("o.address"), text)} or {db.Dialect.Contains(Sql.Trusted("o.subject"), text)})")}
            order by o.id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, true, ct);
    }

    public async Task<OutgoingView> Handle(GetOutgoing query, CancellationToken ct) => (await Read($"where o.id = {query.Id}", true, ct)).FirstOrDefault() ?? throw new NotFound("发送记录");

    public async Task<int> Handle(RetryOutgoing command, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        // Those that wait for their next attempt go at once, too, when they are named.
        var done = await db.Execute($"""
            update platform.outgoing set state = 'waiting', attempts = 0, next_at = {now} where claim is null and {(command.Ids is null ? (Sql)$"state = 'parked'" : $"state in ('parked', 'waiting', 'cancelled') and {db.Dialect.In(Sql.Trusted("id"), command.Ids)}")}
            """, ct);
        db.OnCommit(signal.WakeAll);
        return done;
    }

    public Task<int> Handle(CancelOutgoing command, CancellationToken ct) =>
        db.Execute($"update platform.outgoing set state = 'cancelled' where state in ('waiting', 'parked') and claim is null and {db.Dialect.In(Sql.Trusted("id"), command.Ids)}", ct);

    public async Task<IReadOnlyList<OutgoingView>> Handle(ListDocumentOutgoing query, CancellationToken ct)
    {
        await reach.Any(WithMail(query.Type), query.Id, ct);
        var before = query.BeforeId ?? long.MaxValue;
        return await Read($"where o.document_id = {query.Id} and o.id < {before} order by o.document_id, o.id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}", me.May(OutgoingRights.Manage), ct);
    }

    public async Task<long> Handle(SendAboutDocument command, CancellationToken ct)
    {
        var d = WithMail(command.Type);
        if (!me.May(OutgoingRights.Send)) throw new NotAllowed(catalog.Permissions.GetValueOrDefault(OutgoingRights.Send, "发送"));
        if (command.Channel is not (OutgoingChannel.Mail or OutgoingChannel.Sms)) throw new Invalid("channel", "通道只能是 mail 或 sms。");
        await reach.Living(d, command.Id, ct);
        return await post.Send(new Letter { Channel = command.Channel, To = new(command.To, command.Name), Subject = command.Subject, Body = command.Body ?? "", TemplateId = command.TemplateId, DocumentId = command.Id }, ct);
    }

    public async Task<IReadOnlyList<Receiver>> Handle(SuggestReceivers query, CancellationToken ct)
    {
        var d = WithMail(query.Type);
        var record = await reach.Living(d, query.Id, ct);
        var mail = query.Channel != OutgoingChannel.Sms;
        var mine = record.OwnerId == me.Id;
        var found = new List<Receiver>();
        // A number the user sees masked is no number to write to.
        foreach (var f in d.Fields.Where(f => !f.Hidden && f.Kind == (mail ? FieldKind.Email : FieldKind.Phone) && (!f.Masked || mine)))
            if (f.Get(record) is string { Length: > 0 } address && Addresses.Of(query.Channel, address) is { } good) found.Add(new(good, DocumentDirectory.Title(d, record)));
        if (record.OwnerId is { } owner && caches.Organization.Person(owner) is { } person && (await mediator.Send(new FindAddresses([owner]), ct)).FirstOrDefault() is { } at && Addresses.Of(query.Channel, mail ? at.Email : mine ? at.Mobile : null) is { } own)
            found.Add(new(own, person.Name, owner));
        return [.. found.DistinctBy(r => r.Address)];
    }

    public async Task<IReadOnlyList<OptOut>> Handle(ListOptOuts query, CancellationToken ct) =>
        [.. (await db.Query<OptOutRow>($"select address, at, user_id from platform.opt_out {Sql.When(query.Text is { Length: > 0 }, $"where {db.Dialect.Contains(Sql.Trusted("address"), query.Text ?? "")}")} order by at desc, address {db.Dialect.Page(Math.Clamp(query.Take, 1, 500))}", ct))
            .Select(r => new OptOut(r.Address, r.At, r.UserId == 0 ? L("收件人") : Who(r.UserId)))];

    public async Task<Done> Handle(SetOptOut command, CancellationToken ct)
    {
        var address = Addresses.Of(OutgoingChannel.Mail, command.Address) ?? Addresses.Of(OutgoingChannel.Sms, command.Address) ?? throw new Invalid("address", "请填写有效的邮箱或手机号码。");
        await OptOuts.Set(db, address, command.Out, me.Id, clock, ct);
        return default;
    }

    /// <param name="whole">Whether the reader may see addresses and texts of others.</param>
    private async Task<IReadOnlyList<OutgoingView>> Read(Sql where, bool whole, CancellationToken ct)
    {
        var rows = await db.Query<Row>($"""
            select o.id, o.channel, o.address, o.name, o.subject, o.body, o.html, o.state, o.attempts, o.at, o.sent_at, o.next_at, o.error, o.created_by, o.document_id, o.user_id, d.title, d.type_id, m.label
            from platform.outgoing o left join platform.document d on d.id = o.document_id left join platform.mailing m on m.id = o.mailing_id {where}
            """, ct);
        return [.. rows.Select(r =>
        {
            var d = r.TypeId is { } t && types.Name(t) is { } name ? catalog.FindDocument(name) : null;
            var open = whole || r.CreatedBy == me.Id;
            return new OutgoingView(r.Id, r.Channel, open ? r.Address : Addresses.Masked(r.Channel, r.Address), r.Name, r.Subject, open ? r.Body : null, r.Html, r.State, (int)r.Attempts, r.At, r.SentAt, r.State == "waiting" ? r.NextAt : null, r.Error,
                Who(r.CreatedBy), r.DocumentId, r.Title, d is null ? null : $"{d.Path}/{r.DocumentId}", r.Label);
        })];
    }

    private DocumentDefinition WithMail(string type) => catalog.Document(type) is { Mail: true } d ? d : throw new NotFound("邮件记录");

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, string Channel, string Address, string? Name, string? Subject, string? Body, bool Html, string State, long Attempts, DateTime At, DateTime? SentAt, DateTime NextAt, string? Error, long CreatedBy, long? DocumentId, long? UserId, string? Title, long? TypeId, string? Label);
    private sealed record OptOutRow(string Address, DateTime At, long UserId);
}
