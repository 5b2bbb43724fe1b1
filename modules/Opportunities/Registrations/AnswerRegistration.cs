using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Registrations;

/// <summary>The vendor has accepted, or prolongs the protection (OPP-6).</summary>
[Action("报备通过", "opportunities.registrations.update", On = "registration", Route = "registrations/{registrationId}/accept", Icon = "shield-halved", Help = "上游已接受报备，保护到某一天为止；已通过的可再次登记，以延长保护期。", Example = "{\"protectedUntil\":\"2099-12-31\",\"answer\":\"同意\"}")]
public sealed record AcceptRegistration([Label("报备的编号")] long RegistrationId, [Label("保护期到"), Required] DateOnly ProtectedUntil, [Label("答复"), MaxLength(2000)] string? Answer = null) : ICommand<Done>;

/// <summary>The vendor has refused.</summary>
[Action("报备被拒", "opportunities.registrations.update", On = "registration", Route = "registrations/{registrationId}/refuse", Icon = "ban", When = "status=tosend|sent", Help = "上游拒绝了报备，须记下答复；之后可重新报备。", Example = "{\"answer\":\"已有其他代理报备\"}")]
public sealed record RefuseRegistration([Label("报备的编号")] long RegistrationId, [Label("答复"), Required, MaxLength(2000)] string Answer) : ICommand<Done>;

internal sealed class AnswerRegistrationHandler(IDocuments<Registration> registrations, RegistrationDesk desk, IWorkCalendar calendar) : ICommandHandler<AcceptRegistration, Done>, ICommandHandler<RefuseRegistration, Done>
{
    private const string Why = "the user may change it, and the vendor may answer so";

    public async Task<Done> Handle(AcceptRegistration command, CancellationToken ct)
    {
        if (command.ProtectedUntil < calendar.Today) throw new Invalid("protectedUntil", "保护期不能在今天之前结束。");
        var r = await desk.ToChange(command.RegistrationId, ct);
        (r.Status, r.ProtectedUntil) = (Registration.Accepted, command.ProtectedUntil);
        return await Answered(r, command.Answer, ct);
    }

    public async Task<Done> Handle(RefuseRegistration command, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(command.Answer)) throw new Invalid("answer", "请填写答复。");
        var r = await desk.ToChange(command.RegistrationId, ct);
        if (r.Status is not (Registration.ToSend or Registration.Sent)) throw new RuleBroken("这份报备已有答复。");
        (r.Status, r.ProtectedUntil) = (Registration.Refused, null);
        return await Answered(r, command.Answer, ct);
    }

    private async Task<Done> Answered(Registration r, string? answer, CancellationToken ct)
    {
        if (!string.IsNullOrWhiteSpace(answer)) r.Answer = answer.Trim();
        r.AnsweredOn = calendar.Today;
        r.RegisteredOn ??= calendar.Today;
        await registrations.Keep([r], Why, ct);
        return default;
    }
}
