using Ganss.Xss;
using KuaipuCrm.Sdk;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace KuaipuCrm.Platform.Templates;

/// <summary>Runs templates in a box: no loader, no reach beyond the model, bounded loops, depth, length and time (SET-11, SEC-6).</summary>
internal static class TemplateEngine
{
    private static readonly HtmlSanitizer Sanitizer = MakeSanitizer();
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>The text filled in.</summary>
    /// <param name="html">The text is HTML: values are encoded, the whole is sanitized.</param>
    /// <param name="field">Named in the error.</param>
    /// <exception cref="Invalid">Broken; tells line and column.</exception>
    public static string Render(string text, ScriptObject model, bool html, string field)
    {
        var template = Parse(text, field);
        using var time = new CancellationTokenSource(Longest);
        var context = new Box(html)
        {
            StrictVariables = true,
            LoopLimit = 10_000,
            RecursiveLimit = 50,
            LimitToString = 1_000_000,
            RegexTimeOut = TimeSpan.FromMilliseconds(300),
            MemberRenamer = m => m.Name,
            CancellationToken = time.Token,
            NewLine = "\n",
        };
        // Text that became a template at run time would be parsed as often as a loop likes.
        if (context.BuiltinObject.TryGetValue("object", out var o) && o is ScriptObject evaluating)
        {
            evaluating.Remove("eval");
            evaluating.Remove("eval_template");
        }
        context.PushGlobal(model);
        try
        {
            var result = template.Render(context);
            return html ? Clean(result) : result;
        }
        catch (ScriptRuntimeException e)
        {
            throw new Invalid(field, e.InnerException is OperationCanceledException ? "模板运行超过 2 秒，已停止。" : At(e.Span, e.OriginalMessage));
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            throw new Invalid(field, e is OperationCanceledException ? "模板运行超过 2 秒，已停止。" : $"模板有误：{e.Message}");
        }
    }

    /// <exception cref="Invalid">Can't be read; tells line and column.</exception>
    public static Template Parse(string text, string field)
    {
        var template = Template.Parse(text);
        return template.HasErrors && template.Messages.FirstOrDefault(m => m.Type == ParserMessageType.Error) is { } first ? throw new Invalid(field, At(first.Span, first.Message)) : template;
    }

    /// <summary>HTML without anything that runs or loads on its own.</summary>
    public static string Clean(string html)
    {
        lock (Sanitizer) return Sanitizer.Sanitize(html);
    }

    private static string At(SourceSpan span, string message) => $"模板第 {span.Start.Line + 1} 行第 {span.Start.Column + 1} 列：{Words(message)}";

    /// <summary>The usual ones in the author's language; the rare ones as the engine tells them.</summary>
    private static string Words(string message) =>
        message.Contains("was not found", StringComparison.Ordinal) ? "没有这个名称。" + message
        : message.Contains("LoopLimit", StringComparison.Ordinal) || message.Contains("iteration limit", StringComparison.Ordinal) || message.Contains("loop limit", StringComparison.OrdinalIgnoreCase) ? "循环过多。"
        : message.Contains("recursive", StringComparison.OrdinalIgnoreCase) ? "调用层次过深。"
        : message.Contains("TemplateLoader", StringComparison.Ordinal) || message.Contains("Unable to include", StringComparison.Ordinal) ? "不能引用其他模板。"
        : message.Contains("<end> statement was not found", StringComparison.Ordinal) ? "缺少 end。"
        : message;

    private static HtmlSanitizer MakeSanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        // Forms would ask people for passwords in our name; background pictures would tell others of each opening.
        foreach (var tag in new[] { "form", "input", "button", "select", "option", "optgroup", "textarea", "fieldset", "legend", "label", "datalist", "menu", "menuitem", "keygen", "output", "progress", "meter" }) sanitizer.AllowedTags.Remove(tag);
        foreach (var style in sanitizer.AllowedCssProperties.Where(p => p.StartsWith("background-", StringComparison.Ordinal) && p != "background-color" || p is "position" or "z-index").ToList()) sanitizer.AllowedCssProperties.Remove(style);
        sanitizer.AllowedSchemes.Add("mailto");
        sanitizer.AllowedSchemes.Add("tel");
        return sanitizer;
    }

    private sealed class Box(bool html) : TemplateContext
    {
        public override TemplateContext Write(SourceSpan span, object? value) => value is null ? this : Write(html ? System.Net.WebUtility.HtmlEncode(ObjectToString(value)) : ObjectToString(value));
    }
}

/// <summary>Names that are known; any other is an error that tells where it stands, not an empty place.</summary>
internal sealed class KnownNames(string of) : ScriptObject
{
    public override bool TryGetValue(TemplateContext? context, SourceSpan span, string member, out object value) =>
        base.TryGetValue(context, span, member, out value!) ? true : throw new ScriptRuntimeException(span, $"“{of}”没有“{member}”。");
}
