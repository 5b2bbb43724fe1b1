using AngleSharp.Html.Parser;
using KuaipuCrm.Sdk;
using MimeKit;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>A letter as mail.</summary>
internal static class MailMessage
{
    /// <param name="optOut">Where the receiver can opt out of advertising; null for none.</param>
    public static MimeMessage Of(MailSettings settings, Parcel parcel, string? optOut, TimeProvider clock)
    {
        var message = new MimeMessage { Subject = parcel.Subject ?? "", MessageId = parcel.MessageId, Date = clock.GetUtcNow() };
        message.From.Add(new MailboxAddress(settings.FromName ?? "", settings.From));
        message.To.Add(new MailboxAddress(parcel.Name ?? "", parcel.Address));
        if (optOut is not null)
        {
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{optOut}>");
            message.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        var (html, text) = (parcel.Html ? parcel.Body : null, parcel.Html ? Plain(parcel.Body) : parcel.Body);
        if (optOut is not null)
        {
            text += $"\n\n不想再收到此类邮件，请打开：{optOut}";
            if (html is not null) html += $"<p style=\"color:#888;font-size:12px\">不想再收到此类邮件，请<a href=\"{System.Net.WebUtility.HtmlEncode(optOut)}\">退订</a>。</p>";
        }
        message.Body = html is null ? new TextPart("plain") { Text = text } : new MultipartAlternative(new TextPart("plain") { Text = text }, new TextPart("html") { Text = html });
        return message;
    }

    /// <summary>For readers that show no HTML.</summary>
    private static string Plain(string html)
    {
        foreach (var end in new[] { "</p>", "<br>", "<br/>", "<br />", "</tr>", "</li>", "</div>", "</h1>", "</h2>", "</h3>" }) html = html.Replace(end, end + "\n", StringComparison.OrdinalIgnoreCase);
        return new HtmlParser().ParseDocument(html).Body?.TextContent.Trim() ?? "";
    }
}
