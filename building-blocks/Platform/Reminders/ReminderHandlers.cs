using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Templates;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Reminders;

/// <summary>Reminders on documents, by people for one, by administrators for all of a type.</summary>
internal sealed class ReminderHandlers(Db db, ModuleCatalog catalog, DocumentTypes types, Reach reach, ReminderKeeper keeper, TemplateHandlers templates, ReminderSignal signal, Caches caches, ICurrentUser me, IIds ids, TimeProvider clock)
    : IQueryHandler<ListReminders, IReadOnlyList<ReminderView>>, ICommandHandler<AddReminder, long>, ICommandHandler<RemoveReminder, Done>, IQueryHandler<ListReminderRules, IReadOnlyList<ReminderRuleView>>, ICommandHandler<SaveReminderRule, long>, ICommandHandler<DeleteReminderRule, Done>
{
    private const int MostOnOne = 20, Cap = 10_000;
    private static readonly string[] Columns = ["id", "type_id", "document_id", "wish", "enabled", "gone", "fill_at", "fill_after", "fill_pass", "created_by", "at"];

    public async Task<IReadOnlyList<ReminderView>> Handle(ListReminders query, CancellationToken ct)
    {
        var d = Reminding(query.Type);
        var record = await reach.Any(d, query.Id, ct);
        var type = types.Id(d.Type);
        var rows = await db.Query<Row>($"""
            select r.id, r.document_id, r.wish, r.created_by, m.due_at from platform.reminder_rule r left join platform.reminder m on m.rule_id = r.id and m.document_id = {query.Id}
            where r.gone = {false} and r.enabled = {true} and (r.document_id = {query.Id} or (r.document_id is null and r.type_id = {type}))
            """, ct);
        var mayAll = await MayAll(d, record, ct);
        // Whom a rule reminds is nobody else's business where it was set for oneself.
        return [.. rows.Select(r => (Row: r, Wish: JsonSerializer.Deserialize<ReminderWish>(r.Wish)!)).Where(r => r.Row.DocumentId is null || mayAll || r.Row.CreatedBy == me.Id || r.Wish.UserId == me.Id)
            .Where(r => r.Row.DocumentId is null || r.Wish.Whom != "user" || r.Wish.UserId != r.Row.CreatedBy || r.Row.CreatedBy == me.Id)
            .OrderBy(r => r.Row.DueAt ?? DateTime.MaxValue).ThenBy(r => r.Row.Id)
            .Select(r => new ReminderView(r.Row.Id, r.Wish, r.Row.DocumentId is null, r.Row.DueAt, Who(r.Row.CreatedBy), r.Row.DocumentId is not null && record.DeletedAt is null && (mayAll || r.Row.CreatedBy == me.Id)))];
    }

    public async Task<long> Handle(AddReminder command, CancellationToken ct)
    {
        var d = Reminding(command.Type);
        var record = await reach.Living(d, command.Id, ct);
        var wish = await Check(d, command.Wish, ct);
        if (wish.Whom == "me") wish = wish with { Whom = "user", UserId = me.Id };
        if (!(wish.Whom == "user" && wish.UserId == me.Id) && !await MayAll(d, record, ct)) throw new RuleBroken($"您可以提醒自己；要提醒他人，须有修改这份{d.Label}的权限。");
        if (wish.Whom == "user" && (await reach.WhoSee(d.Type, command.Id, [wish.UserId!.Value], ct)).Count == 0) throw new Invalid("userId", $"{Who(wish.UserId!.Value)} 无权查看这份{d.Label}，不会收到提醒。");
        if (await db.First<long>($"select count(*) from platform.reminder_rule where document_id = {command.Id}", ct) >= MostOnOne) throw new RuleBroken($"一份单据最多设置 {MostOnOne} 个提醒。");
        var id = await Add(d, command.Id, wish, true, null, ct);
        await keeper.Insert(d, [new(id, command.Id, wish)], [record], ct);
        db.OnCommit(signal.Wake);
        return id;
    }

    public async Task<Done> Handle(RemoveReminder command, CancellationToken ct)
    {
        var d = Reminding(command.Type);
        var mayAll = await MayAll(d, await reach.Living(d, command.Id, ct), ct);
        if (await db.Execute($"delete from platform.reminder_rule where id = {command.RuleId} and document_id = {command.Id} {Sql.When(!mayAll, $"and created_by = {me.Id}")}", ct) == 0) throw new NotFound("提醒");
        await db.Execute($"delete from platform.reminder where rule_id = {command.RuleId}", ct);
        return default;
    }

    /// <summary>Reminders for others are for those who may change the document; a document that is only shared for reading stays as it is.</summary>
    private async Task<bool> MayAll(DocumentDefinition d, Document record, CancellationToken ct) => me.May(d.Permission(DocumentRight.Update)) && await reach.RightOn(d, record, ct) != RowRight.See;

    public async Task<IReadOnlyList<ReminderRuleView>> Handle(ListReminderRules query, CancellationToken ct)
    {
        var views = new List<ReminderRuleView>();
        foreach (var r in await db.Query<RuleRow>($"select id, type_id, wish, enabled, fill_at, created_by from platform.reminder_rule where document_id is null and gone = {false} order by id", ct))
            if (types.Name(r.TypeId) is { } type && catalog.FindDocument(type) is not null)
                views.Add(new(r.Id, type, JsonSerializer.Deserialize<ReminderWish>(r.Wish)!, r.Enabled, r.FillAt is not null,
                    await db.First<long>($"select count(*) from (select id from platform.reminder where rule_id = {r.Id} order by id {db.Dialect.Page(Cap)}) x", ct), Who(r.CreatedBy)));
        return views;
    }

    public async Task<long> Handle(SaveReminderRule command, CancellationToken ct)
    {
        var d = Reminding(command.Type);
        var wish = await Check(d, command.Wish, ct);
        if (wish.Whom == "me") throw new Invalid("whom", "规则对所有单据有效，请选择负责人、上级、某个用户或单据中的人员。");
        // A changed rule is another rule: the old one's times are cleared away in the background, however many they are.
        if (command.Id is { } former && await Retire(former, ct) == 0) throw new NotFound("提醒规则");
        var id = await Add(d, null, wish, command.Enabled, command.Enabled ? clock.GetUtcNow().UtcDateTime : null, ct);
        db.OnCommit(signal.Wake);
        return id;
    }

    public async Task<Done> Handle(DeleteReminderRule command, CancellationToken ct)
    {
        if (await Retire(command.Id, ct) == 0) throw new NotFound("提醒规则");
        db.OnCommit(signal.Wake);
        return default;
    }

    private Task<int> Retire(long id, CancellationToken ct) => db.Execute($"update platform.reminder_rule set gone = {true}, fill_at = {(DateTime?)null} where id = {id} and document_id is null and gone = {false}", ct);

    private async Task<long> Add(DocumentDefinition d, long? document, ReminderWish wish, bool enabled, DateTime? fillAt, CancellationToken ct)
    {
        var id = ids.Next();
        await db.Insert("platform.reminder_rule", Columns, [[id, types.Id(d.Type), document, JsonSerializer.Serialize(wish), enabled, false, fillAt, 0L, 1L, me.Id, clock.GetUtcNow().UtcDateTime]], ct);
        return id;
    }

    private async Task<ReminderWish> Check(DocumentDefinition d, ReminderWish wish, CancellationToken ct)
    {
        if (wish is null || d.Find(wish.Field ?? "") is not { } field || !ReminderKeeper.Dates(d).Contains(field)) throw new Invalid("field", $"请选择{d.Label}的一个日期。");
        if (field.Kind == FieldKind.Date && wish.AtMinute is null) throw new Invalid("atMinute", "请选择几点提醒。");
        if (wish.AtMinute is < 0 or > 1439) throw new Invalid("atMinute", "时间不正确。");
        if (wish.Days is < -3660 or > 3660) throw new Invalid("days", "天数最多为前后 3,660 天。");
        if (wish.Minutes is < -525_600 or > 525_600) throw new Invalid("minutes", "分钟数过大。");
        if (wish.Repeat is not ("none" or "day" or "week" or "month" or "year")) throw new Invalid("repeat", "重复只能是不重复、每天、每周、每月或每年。");
        if (wish.Text?.Length > 200) throw new Invalid("text", "提醒内容最多 200 个字。");
        if (wish.TemplateId is { } template)
            try
            {
                await templates.CheckReminding(template, d, ct);
            }
            catch (NotFound)
            {
                throw new Invalid("templateId", $"请选择一个用于提醒、适用于{d.Label}的模板。");
            }
        switch (wish.Whom)
        {
            case "me" or "owner" or "superior":
                break;
            case "user" when wish.UserId is { } user && caches.Organization.Person(user)?.Enabled == true:
                break;
            case "tied" when catalog.PeopleOf(d.Type) is not null:
                break;
            case "field" when d.Find(wish.WhomField ?? "") is { Kind: FieldKind.Reference, RefersTo: "user" }:
                break;
            default:
                throw new Invalid("whom", wish.Whom is "user" ? "请选择一个在用的用户。" : wish.Whom is "field" ? "请选择单据中填写人员的字段。" : "请选择提醒谁。");
        }
        return wish with { Text = string.IsNullOrWhiteSpace(wish.Text) ? null : wish.Text.Trim(), UserId = wish.Whom == "user" ? wish.UserId : null, WhomField = wish.Whom == "field" ? wish.WhomField : null, RepeatUntil = wish.Repeat == "none" ? null : wish.RepeatUntil };
    }

    private DocumentDefinition Reminding(string type) => catalog.Document(type) is { Reminders: true } d ? d : throw new NotFound("提醒");

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, long? DocumentId, string Wish, long CreatedBy, DateTime? DueAt);
    private sealed record RuleRow(long Id, long TypeId, string Wish, bool Enabled, DateTime? FillAt, long CreatedBy);
}
