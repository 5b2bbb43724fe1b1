namespace KuaipuCrm.Web.Controls;

/// <summary>The server's answer to a file sent by the browser; status 0 where there was none.</summary>
public sealed record UploadAnswer(string Name, bool Ok, int Status, string Body)
{
    /// <summary>What went wrong, in the server's words; null where nothing.</summary>
    public string? Error()
    {
        if (Ok) return null;
        if (Status == 0) return L("没有连上服务器，请检查网络后再试。");
        if (Status == 413) return L("文件过大。");
        try
        {
            using var problem = System.Text.Json.JsonDocument.Parse(Body);
            return problem.RootElement.GetProperty("detail").GetString();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return L("文件没有传上去，请再试一次。");
        }
    }
}
