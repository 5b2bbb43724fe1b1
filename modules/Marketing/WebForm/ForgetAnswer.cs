using KuaipuCrm.Published.Leads;
using KuaipuCrm.Published.Marketing;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.WebForm;

/// <summary>What was typed stands in a lead now: here it is forgotten.</summary>
internal sealed class ForgetAnswer(IDb db) : IEventHandler<WebFormTaken>, IQueryHandler<WebFormAnswer, WebFormWords?>
{
    public Task<WebFormWords?> Handle(WebFormAnswer query, CancellationToken ct) =>
        db.First<WebFormWords>($"select a.name, a.mobile, a.company, a.email, a.content from marketing.web_answer a where a.id = {query.AnswerId} and a.name is not null", ct);

    public Task Handle(WebFormTaken e, CancellationToken ct) =>
        db.Execute($"update marketing.web_answer set name = {(string?)null}, mobile = {(string?)null}, company = {(string?)null}, email = {(string?)null}, content = {(string?)null} where id = {e.AnswerId}", ct);
}
