using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Pipeline;

/// <summary>Carries out once what is sent twice under one key of the caller's: the second time the first answer is given again. Kept with the change itself, in its transaction (API-3).</summary>
internal sealed class OnceRequest(Db db, Caller me, TimeProvider clock)
{
    /// <summary>So long may a request be repeated.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>The caller's key; none: each request counts.</summary>
    public string? Key { get; set; }

    /// <summary>What was asked, in short; empty where a repetition may differ, as a form may that was sent twice.</summary>
    public string Request { get; set; } = "";

    /// <summary>The answer is an earlier one.</summary>
    public bool Repeated { get; private set; }

    /// <summary>The answer to the same request before.</summary>
    /// <exception cref="RuleBroken">The key was used for something else.</exception>
    public async Task<(bool Known, T? Answer)> Recall<T>(CancellationToken ct)
    {
        if (await db.First<Row>($"select request, answer, at from platform.once where user_id = {me.Id} and once_key = {Key}", ct) is not { } row) return default;
        if (row.At < clock.GetUtcNow().UtcDateTime - Kept)
        {
            await db.Execute($"delete from platform.once where user_id = {me.Id} and once_key = {Key}", ct);
            return default;
        }
        if (row.Request != Request) throw new RuleBroken("这个 Idempotency-Key 已用于另一个请求，请换一个新的键。");
        Repeated = true;
        return (true, JsonSerializer.Deserialize<T>(row.Answer, JsonSerializerOptions.Web));
    }

    /// <summary>A second request with the same key waits here for the first, fails on the key, is tried again and finds the first one's answer. Before anything is done, so that it can't fail on what the first has done.</summary>
    public Task Claim(CancellationToken ct) => db.Insert("platform.once", ["user_id", "once_key", "request", "answer", "at"], [[me.Id, Key, Request, "", clock.GetUtcNow().UtcDateTime]], ct);

    public Task Keep<T>(T answer, CancellationToken ct) =>
        db.Execute($"update platform.once set answer = {JsonSerializer.Serialize(answer, JsonSerializerOptions.Web)} where user_id = {me.Id} and once_key = {Key}", ct);

    private sealed record Row(string Request, string Answer, DateTime At);
}
