using System.Globalization;
using System.Net;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Marketing.WebForm;

/// <summary>The public form as a visitor sees it: plain HTML, fit for a phone, without a script. It says nothing back of what was typed.</summary>
internal static class PublicForm
{
    public static string Path(string key) => $"/public/marketing/form/{key}";

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("form/{key}", async (string key, IMediator mediator, FormSeal seals, CancellationToken ct) => await mediator.Send(new ShowWebForm(key), ct) is { } form ? Form(key, form, seals) : Gone());
        pages.MapPost("form/{key}", async (string key, [FromForm] string? seal, [FromForm] string? website, [FromForm] string? name, [FromForm] string? mobile, [FromForm] string? company, [FromForm] string? email, [FromForm] string? content, IMediator mediator, FormSeal seals, CancellationToken ct) =>
            // Looked at before a transaction begins: what is none of ours keeps nobody waiting.
            await mediator.Send(new ShowWebForm(key), ct) is null ? Gone() : seals.Open(seal, key) is null ? Told(400, L("页面已过期，请重新填写。"), key) : await mediator.Send(new FillWebForm(key, seal, website, name, mobile, company, email, content), ct) switch
            {
                WebFormOutcome.Taken => Page(L("提交成功"), $"<h1>{L("提交成功")}</h1><p>{L("谢谢！我们会尽快与您联系。")}</p>"),
                WebFormOutcome.Again => Told(409, L("这份表单已提交过，不用重复提交。"), key),
                WebFormOutcome.Stale => Told(400, L("页面已过期，请重新填写。"), key),
                WebFormOutcome.Crowded => Told(429, L("提交的人太多，请稍后再试。"), key),
                WebFormOutcome.Wrong => Told(400, L("请填写姓名，以及有效的手机号或邮箱。按浏览器的返回键可继续修改。"), key),
                _ => Gone(),
            });
    }

    private static IResult Form(string key, WebFormPage form, FormSeal seals) => Page(form.Title, $"""
        <h1>{Safe(form.Title)}</h1>{(form.Intro is { } intro ? $"<p style=\"white-space:pre-line\">{Safe(intro)}</p>" : "")}
        <form method="post" action="{Path(key)}">
        <input type="hidden" name="seal" value="{Safe(seals.Make(key))}">
        <p class="off" aria-hidden="true"><label>{L("网址")}<input name="website" tabindex="-1" autocomplete="off"></label></p>
        <label>{L("姓名")} *<input name="name" required maxlength="40" autocomplete="name"></label>
        <label>{L("手机")}<input name="mobile" type="tel" inputmode="tel" maxlength="30" autocomplete="tel"></label>
        <label>{L("邮箱")}<input name="email" type="email" maxlength="120" autocomplete="email"></label>
        <label>{L("公司")}<input name="company" maxlength="100" autocomplete="organization"></label>
        <label>{L("您的需求")}<textarea name="content" rows="4" maxlength="1000"></textarea></label>
        <p class="muted">{L("手机和邮箱至少填一项。提交即同意我们就您的需求与您联系。")}</p>
        <button>{L("提交")}</button></form>
        """);

    private static IResult Gone() => Page(L("页面不存在"), $"<h1>{L("页面不存在")}</h1><p>{L("链接有误，或活动已经结束。")}</p>", 404);

    private static IResult Told(int status, string text, string key) => Page(L("没有提交"), $"<h1>{L("没有提交")}</h1><p role=\"alert\">{Safe(text)}</p><p><a href=\"{Path(key)}\">{L("打开表单")}</a></p>", status);

    private static IResult Page(string title, string body, int status = 200) => Results.Content($$"""
        <!DOCTYPE html><html lang="{{CultureInfo.CurrentUICulture.Name}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>{{Safe(title)}}</title>
        <style>body{margin:0;background:#f4f6f9;color:#1c2430;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}main{max-width:32em;margin:0 auto;padding:1.5em 1em 3em;box-sizing:border-box}h1{font-size:1.4em}label{display:block;margin:.9em 0}input,textarea{display:block;width:100%;box-sizing:border-box;margin-top:.2em;padding:.6em;font:inherit;border:1px solid #7d8899;border-radius:6px;background:#fff}button{width:100%;padding:.8em;font:inherit;font-weight:600;color:#fff;background:#1554b8;border:0;border-radius:6px}.muted{color:#566275;font-size:.9em}.off{position:absolute;left:-999em;height:0;overflow:hidden}</style></head>
        <body><main>{{body}}</main></body></html>
        """, "text/html; charset=utf-8", statusCode: status);

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
