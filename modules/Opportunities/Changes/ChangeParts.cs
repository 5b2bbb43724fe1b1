namespace KuaipuCrm.Opportunities.Changes;

/// <summary>The parts of the change report in the order in which they lead from what stood to what stands.</summary>
internal static class ChangeParts
{
    public const string Opening = "opening", New = "new", Woken = "woken", Taken = "taken", Grew = "grew", Shrank = "shrank", Odds = "odds",
        Won = "won", Lost = "lost", Paused = "paused", Handed = "handed", Removed = "removed", Closing = "closing", Forward = "forward", Back = "back";

    /// <summary>What makes the difference: code, label, whether opportunities come in (1), leave (-1) or stay (0).</summary>
    public static readonly IReadOnlyList<(string Code, string Label, int Sign)> Between =
    [
        (New, "新进商机", 1), (Woken, "暂缓后激活", 1), (Taken, "转入", 1), (Grew, "金额增加", 0), (Shrank, "金额减少", 0), (Odds, "概率变化", 0),
        (Won, "商机成功", -1), (Lost, "商机无效", -1), (Paused, "转为暂缓", -1), (Handed, "转出", -1), (Removed, "删除或撤销", -1),
    ];

    public static readonly IReadOnlyList<string> All = [Opening, .. Between.Select(p => p.Code), Closing, Forward, Back];
}
