namespace KuaipuCrm.Web.Controls;

/// <summary>The server's answer to a file sent by the browser; status 0 where there was none.</summary>
public sealed record UploadAnswer(bool Ok, int Status, string Body);
