using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Web.Controls;
using Microsoft.JSInterop;

namespace KuaipuCrm.Web.Documents;

/// <summary>What is done with rows: batch acts with undo, export, print.</summary>
public partial class DocumentList
{
    private async Task Delete()
    {
        if (await Dialogs.Confirm(L($"删除 {picked.Count} 条{d.Label}？"), L("删除后可在回收站中恢复。"), L("删除"), danger: true)) await Batch(new DeleteDocuments(d.Type, Refs), L("删除"));
    }

    private async Task Purge()
    {
        if (await Dialogs.Confirm(L($"彻底删除 {picked.Count} 条{d.Label}？"), L("彻底删除后无法恢复，只在历史中留下记录。"), L("彻底删除"), danger: true)) await Batch(new PurgeDocuments(d.Type, Refs), L("彻底删除"), undoable: false);
    }

    private async Task Batch(ICommand<BatchResult> command, string verb, bool undoable = true)
    {
        var (done, result) = await Calls.Send(command);
        if (!done || result is null) return;
        picked.Clear();
        Tell(result, verb, undoable);
        await Load();
    }

    private void Tell(BatchResult result, string verb, bool undoable = true)
    {
        if (result.Problems.Count > 0)
            Toasts.Warn(L($"已{verb} {result.Done} 条，{result.Problems.Count} 条未处理：{string.Join(L("；"), result.Problems.Take(3).Select(p => p.Title.Length > 0 ? L($"{p.Title}：{p.Message}") : p.Message))}"));
        else if (!undoable)
            Toasts.Success(L($"已{verb} {result.Done} 条{d.Label}。"));
        else
            Toasts.Success(L($"已{verb} {result.Done} 条{d.Label}。"), L("撤销"), () => Undo(result.OperationId));
    }

    private async Task Undo(long operation)
    {
        var (done, result) = await Calls.Send(new UndoOperation(operation));
        if (done && result is not null) Toasts.Success(L($"已撤销，恢复 {result.Done} 条。{(result.Problems.Count > 0 ? L($"{result.Problems.Count} 条此后有改动，保持现状。") : "")}"));
        await InvokeAsync(async () => { await Load(); StateHasChanged(); });
    }

    private async Task Unlink()
    {
        if (!await Dialogs.Confirm(L($"取消 {picked.Count} 条{d.Label}的关联？"), L("只取消关联，不删除资料。"))) return;
        foreach (var id in picked.Keys.ToList())
            if (!(await Calls.Send(Tab!.Unlink!(TiedTo!.Value, id))).Done) break;
        picked.Clear();
        await Load();
    }

    private async Task Export(bool onlyPicked, string format = "xlsx", bool unmask = false)
    {
        var request = state.Request(d, null);
        var ids = onlyPicked ? $"&ids={string.Join(',', picked.Keys)}" : "";
        var filter = JsonSerializer.Serialize((onlyPicked ? new ListRequest { Sort = request.Sort, Descending = request.Descending, Bin = request.Bin } : request) with { Columns = [.. shown.Select(f => f.Name)] });
        await Browser.Download($"/api/{d.Module}/{d.Plural}/export?format={format}{ids}{(unmask ? "&unmask=true" : "")}&request={Uri.EscapeDataString(filter)}");
    }

    private string PrintUrl => $"/api/{d.Module}/{d.Plural}/print?now=true&request={Uri.EscapeDataString(JsonSerializer.Serialize(Request with { Take = 50 }))}";

    private async Task BatchClosed(BatchResult? result)
    {
        changing = false;
        if (result is null) return;
        picked.Clear();
        Tell(result, L("修改"));
        await Load();
    }

    private async Task ActionClosed(bool done)
    {
        acting = null;
        if (!done) return;
        picked.Clear();
        Work.RecordSaved(d.Type);
        await Load();
    }

    private async Task Acted(BatchResult? result)
    {
        var label = acting!.Action.Label;
        acting = null;
        if (result is null) return;
        picked.Clear();
        Tell(result, label);
        await Load();
    }

    private async Task LinkClosed(bool linked)
    {
        linking = false;
        if (linked) await Load();
    }
}
