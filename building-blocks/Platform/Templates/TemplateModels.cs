using System.Globalization;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using MediatR;
using Scriban.Runtime;

namespace KuaipuCrm.Platform.Templates;

/// <summary>What a template may name: the document's declared fields as people read them, owner, company, receiver, sender, day. Nothing else is within its reach.</summary>
internal sealed class TemplateModels(Stores stores, NameResolver names, Formatter formatter, Caches caches, IMediator mediator, Journal journal, ICurrentUser me, TimeProvider clock)
{
    /// <summary>The model for a document.</summary>
    /// <param name="d">None: only what doesn't hang on a document.</param>
    /// <param name="texts">What is going to be filled in: a masked number in it is unmasked, and written down, where the current user may.</param>
    /// <param name="unmask">Whether anything may be unmasked at all; a preview writes nothing.</param>
    /// <param name="nobody">Sender and receiver are left empty.</param>
    /// <param name="reminding">It speaks for the owner, and every number is masked, to whomever it is said.</param>
    /// <exception cref="NotFound">None the current user may see.</exception>
    public async Task<ScriptObject> Of(DocumentDefinition? d, long? id, Receiver? to, string texts, bool unmask, CancellationToken ct, bool nobody = false, bool reminding = false)
    {
        var model = new ScriptObject();
        var record = d is null || id is null ? null : await stores.Of(d).Find(id.Value, bin: false, ct) ?? throw new NotFound(d.Label);
        Both(model, "单据", "doc", d is null ? new KnownNames("单据") : await Fields(d, record, texts, unmask, reminding, ct));
        var owner = record is null ? null : record.OwnerId;
        var addresses = owner is null && me.Id == 0 ? [] : (await mediator.Send(new FindAddresses([.. new[] { owner, me.Id }.OfType<long>().Distinct()]), ct)).ToDictionary(a => a.Id);
        Both(model, "负责人", "owner", Person(owner ?? (d is null || record is not null ? null : me.Id), addresses));
        Both(model, "发件人", "sender", Person(nobody ? null : reminding || me.Id == 0 ? owner : me.Id, addresses));
        var company = new KnownNames("公司");
        var data = caches.Company;
        foreach (var (chinese, english, value) in new[] { ("名称", "name", data.Name), ("信用代码", "creditCode", data.CreditCode), ("本位币", "currency", data.Currency), ("电话", "phone", data.Phone), ("地址", "address", data.Address) }) Both(company, chinese, english, value ?? "");
        Both(model, "公司", "company", company);
        var receiver = new KnownNames("收件人");
        Both(receiver, "姓名", "name", to is null ? "（收件人）" : to.Name ?? "");
        Both(receiver, "地址", "address", to?.Address ?? "");
        Both(model, "收件人", "recipient", receiver);
        Both(model, "今天", "today", TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, formatter.Zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        return model;
    }

    /// <summary>What can be inserted, for the editor.</summary>
    public static IReadOnlyList<TemplateField> Insertable(DocumentDefinition? d) =>
    [
        .. (d?.Fields ?? []).Where(f => !f.Hidden).Select(f => new TemplateField(d!.Label, f.Label, Chinese ? $"{{{{ 单据.{Name(d, f)} }}}}" : $"{{{{ doc.{f.Name} }}}}")),
        .. new[] { "姓名", "部门", "邮箱", "手机" }.Select(n => new TemplateField(L("负责人"), L(n), $"{{{{ 负责人.{n} }}}}")),
        .. new[] { "姓名", "地址" }.Select(n => new TemplateField(L("收件人"), L(n), $"{{{{ 收件人.{n} }}}}")),
        .. new[] { "姓名", "部门", "邮箱", "手机" }.Select(n => new TemplateField(L("发件人"), L(n), $"{{{{ 发件人.{n} }}}}")),
        new(L("其他"), L("公司名称"), "{{ 公司.名称 }}"), new(L("其他"), L("公司信用代码"), "{{ 公司.信用代码 }}"), new(L("其他"), L("本位币"), "{{ 公司.本位币 }}"), new(L("其他"), L("公司电话"), "{{ 公司.电话 }}"), new(L("其他"), L("公司地址"), "{{ 公司.地址 }}"), new(L("其他"), L("今天"), "{{ 今天 }}"),
    ];

    private async Task<KnownNames> Fields(DocumentDefinition d, Document? record, string texts, bool unmask, bool reminding, CancellationToken ct)
    {
        var (fields, plain) = (new KnownNames(d.Label), new KnownNames(d.Label));
        var mine = record is null || record.OwnerId == me.Id && !reminding;
        var masked = mine ? [] : d.Fields.Where(f => f.Masked && f.Get(record!) is string { Length: > 0 }).ToList();
        // Only what the text shows is unmasked, and that it was is written into the history, as on the page.
        if (unmask && masked.Count > 0 && me.May(d.Permission(DocumentRight.Unmask)) && masked.Any(f => Names(texts, d, f)))
        {
            await journal.Write([(record!.Id, record.Version, "unmask", null)], ct);
            masked.RemoveAll(f => Names(texts, d, f));
        }
        var titles = record is null ? new Dictionary<long, string>() : await names.Of(d.Fields.Where(f => f.Kind == FieldKind.Reference).Select(f => (f.RefersTo!, f.Get(record) as long?)), ct);
        foreach (var f in d.Fields.Where(f => !f.Hidden))
        {
            var value = record is null || !f.VisibleTo(me) ? null : f.Get(record);
            if (masked.Contains(f)) value = DraftChecks.Mask(f, (string)value!);
            var text = record is null ? $"〔{f.Label}〕" : formatter.Text(f, value, titles) ?? "";
            Both(fields, Name(d, f), f.Name, text);
            // For conditions and sums; of the masked ones only what is shown.
            plain[f.Name] = value is DateOnly or DateTime ? text : value;
        }
        fields["raw"] = plain;
        return fields;
    }

    private static bool Names(string texts, DocumentDefinition d, FieldDefinition f) => texts.Contains(f.Name, StringComparison.Ordinal) || texts.Contains(Name(d, f), StringComparison.Ordinal);

    /// <summary>The label, where it can stand in a template and is the only one of its kind; else the field's name.</summary>
    private static string Name(DocumentDefinition d, FieldDefinition f) =>
        f.Declared.Length > 0 && f.Declared.All(c => char.IsLetterOrDigit(c) || c == '_') && char.IsLetter(f.Declared[0]) && d.Fields.Count(x => !x.Hidden && x.Declared == f.Declared) == 1 ? f.Declared : f.Name;

    private KnownNames Person(long? id, Dictionary<long, UserAddress> addresses)
    {
        var (of, person, address) = (new KnownNames("人员"), id is { } i ? caches.Organization.Person(i) : null, id is { } a ? addresses.GetValueOrDefault(a) : null);
        Both(of, "姓名", "name", person?.Name ?? "");
        Both(of, "部门", "department", person?.DepartmentId is { } d ? caches.Organization.Department(d)?.Name ?? "" : "");
        Both(of, "邮箱", "email", address?.Email ?? "");
        Both(of, "手机", "mobile", address?.Mobile ?? "");
        return of;
    }

    private static void Both(ScriptObject o, string chinese, string english, object? value) => (o[chinese], o[english]) = (value, value);
}
