using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>The task declared.</summary>
internal sealed class TaskDocument : IDocument<WorkTask>
{
    private static readonly string[] Open = [WorkTask.Assigned, WorkTask.Doing, WorkTask.Reported, WorkTask.Refused];

    public void Declare(DocumentBuilder<WorkTask> d)
    {
        d.Named("task", "tasks", "计划任务", "targets.task", "RW").Title(x => x.Subject);
        d.Text(x => x.Subject, "主题", 100).Required().Listed(240).Indexed("initials").Aliases("任务", "任务名称", "标题");
        d.OneOf(x => x.Status, "状态", WorkTask.States).Listed(76).ReadOnly();
        d.OneOf(x => x.Priority, "优先级", new("high", "高", "High"), new("normal", "中", "Normal"), new("low", "低", "Low")).Required().Listed(64).Batch().Default(_ => "normal");
        d.Date(x => x.Deadline, "截止日期").Listed(96).Indexed().Batch().Aliases("期限", "到期日");
        d.Number(x => x.Progress, "进度（%）").Listed(72).ReadOnly();
        d.Reference(x => x.AssignerId, "分派人", "user").Listed(80).ReadOnly();
        d.AnyDocument(x => x.DocumentId, "相关单据").OpensWithOwner().Listed(180);
        d.LongText(x => x.Content, "内容").Aliases("说明", "要求");
        d.Section("重复");
        d.OneOf(x => x.RepeatBy, "重复", new(WorkTask.Once, "不重复", "Once"), new(WorkTask.Daily, "每天", "Daily"), new(WorkTask.Weekly, "每周", "Weekly"), new(WorkTask.Monthly, "每月", "Monthly")).Required().Default(_ => WorkTask.Once)
            .Help("到时自动为同一执行人新建一项，截止日期顺延");
        d.Date(x => x.RepeatUntil, "重复到").VisibleWhen(v => v.GetValueOrDefault("repeatBy") as string is not (null or WorkTask.Once)).Help("不填则一直重复，直到“停止重复”");
        d.Reference(x => x.SeriesId, "重复自", "task").ReadOnly().Help("由哪一项重复的任务产生");
        d.Instant(x => x.ClosedAt, "完成时间").ReadOnly();
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly().Hidden();
        d.With(x =>
        {
            (x.Importable, x.Comments, x.Attachments, x.Icon) = (true, true, true, "list-check");
            (x.Status, x.Subtitle) = (x.Field("status"), x.Field("ownerId"));
            x.Participants = [x.Field("assignerId")];
            x.Views =
            [
                new("mine", "我的任务", [new Filter("ownerId", FilterOp.Is, "@me"), new Filter("status", FilterOp.In, Open)]),
                new("assigned", "我分派的", [new Filter("assignerId", FilterOp.Is, "@me")]),
                new("others", "下属的", [new Filter("ownerId", FilterOp.IsNot, "@me"), new Filter("assignerId", FilterOp.IsNot, "@me")]),
                new("overdue", "逾期", [new Filter("deadline", FilterOp.Within, "beforeToday"), new Filter("status", FilterOp.In, Open)]),
                new("check", "待我检查", [new Filter("assignerId", FilterOp.Is, "@me"), new Filter("status", FilterOp.Is, WorkTask.Reported)]),
            ];
        });
    }
}
