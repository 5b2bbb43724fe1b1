using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Security.Tokens;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Platform.Pipeline;

/// <summary>Who may not, is stopped here, whether the call came from a page, the API, a job or another module.</summary>
internal sealed class Authorize<TRequest, TResult>(Caller me, ModuleCatalog catalog) : IPipelineBehavior<TRequest, TResult> where TRequest : notnull
{
    private static readonly ActionAttribute? Action = typeof(TRequest).GetCustomAttribute<ActionAttribute>();
    private static readonly bool IsCommand = typeof(TRequest).GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICommand<>));

    /// <summary>The platform's own questions to the modules, asked to work out rights in the first place.</summary>
    private static readonly bool Internal = typeof(TRequest) == typeof(LoadOrganization) || typeof(TRequest) == typeof(LoadDictionaries)
                                            || typeof(TRequest) == typeof(LoadNumberingRules) || typeof(TRequest) == typeof(LoadCompany);

    public Task<TResult> Handle(TRequest request, CancellationToken ct, RequestHandlerDelegate<TResult> next)
    {
        if (Internal || request is IOpenToAnyone) return next();
        if (!me.Known) throw new NotSignedIn();
        if (me.Token is { } token) Within(token, request);
        if (me.SeenBy is not null && IsCommand && request is not IAllowedWhileSeeingAs) throw new RuleBroken("正在以他人视角查看，只能看，不能改。请先退出该视角。");
        if (request is IOnDocuments { Right: { } right } on)
        {
            var d = catalog.Document(on.Type);
            if (d.FiguresOf is not null && right is not (DocumentRight.Read or DocumentRight.Export)) throw new RuleBroken($"{d.Label}由系统维护，不能直接修改。");
            if (!me.May(d.Permission(right))) throw new NotAllowed($"{d.Label}：{ModuleCatalog.RightLabels.GetValueOrDefault(right, right)}");
        }
        else if (request is INeedsPermission needs)
        {
            if (!me.May(needs.Permission)) throw new NotAllowed(catalog.Permissions.GetValueOrDefault(needs.Permission, needs.Permission));
        }
        else if (Action is { Permission.Length: > 0 } action && !me.May(action.Permission))
        {
            throw new NotAllowed(catalog.Permissions.GetValueOrDefault(action.Permission, action.Label));
        }
        return next();
    }

    /// <summary>What a token is kept from beyond the permissions, which <see cref="Caller.May"/> cuts to its scopes.</summary>
    private void Within(Token token, TRequest request)
    {
        if (request is IByOwnHand) throw new BeyondToken("令牌不能管理账号、密码和令牌，请登录后操作。");
        if (token.ReadOnly && IsCommand) throw new BeyondToken("这个令牌只读，不能新建、修改或删除。");
        // Where the handler cuts its answer to what the user may see, there is no permission to compare.
        var needs = request is IOnDocuments { Right: null } on ? catalog.Document(on.Type).Permission(DocumentRight.Read)
            : request is IOnDocuments or INeedsPermission or WhoAmI || Action is { Permission.Length: > 0 } ? null
            : Token.Platform;
        if (needs is not null && !token.Allows(needs)) throw new BeyondToken($"这个令牌的范围不包含 {needs}。");
    }
}

/// <summary>What the attributes on a message's parameters ask for; messages in Chinese, at the field.</summary>
internal sealed class Validate<TRequest, TResult> : IPipelineBehavior<TRequest, TResult> where TRequest : notnull
{
    private static readonly (PropertyInfo Property, LabelAttribute? Label, ValidationAttribute[] Rules)[] Checked =
    [
        .. from p in typeof(TRequest).GetConstructors().SelectMany(c => c.GetParameters())
           let rules = p.GetCustomAttributes<ValidationAttribute>().ToArray()
           let property = typeof(TRequest).GetProperty(p.Name!)
           where rules.Length > 0 && property is not null
           select (property, p.GetCustomAttribute<LabelAttribute>(), rules),
    ];

    public Task<TResult> Handle(TRequest request, CancellationToken ct, RequestHandlerDelegate<TResult> next)
    {
        if (Checked.Length == 0) return next();
        var errors = (from c in Checked
                      let value = c.Property.GetValue(request)
                      from rule in c.Rules
                      where !rule.IsValid(value)
                      select new FieldError(char.ToLowerInvariant(c.Property.Name[0]) + c.Property.Name[1..], Message(rule, c.Label?.Text ?? c.Property.Name))).ToList();
        return errors.Count > 0 ? throw new Invalid(errors) : next();
    }

    private static Phrase Message(ValidationAttribute rule, string label) => rule switch
    {
        RequiredAttribute => $"请填写{label}。",
        MaxLengthAttribute m => $"{label}最多 {m.Length} 个字。",
        StringLengthAttribute s => $"{label}的长度须在 {s.MinimumLength} 到 {s.MaximumLength} 之间。",
        RangeAttribute r => $"{label}须在 {r.Minimum} 到 {r.Maximum} 之间。",
        _ => $"{label}不正确。",
    };
}

/// <summary>One transaction around every command, with its outbox; tried again when the database says so.</summary>
internal sealed class UnitOfWork<TCommand, TResult>(Db db, Engine engine, Caller me, AuditLog log, ModuleCatalog catalog, OnceRequest once) : IPipelineBehavior<TCommand, TResult> where TCommand : ICommand<TResult>
{
    private const int Tries = 4;
    private static readonly ActionAttribute? Action = typeof(TCommand).GetCustomAttribute<ActionAttribute>();

    /// <summary>What is offered beside documents and has no button of its own.</summary>
    private static string Unnamed => typeof(TCommand).Name switch { nameof(UndoOperation) => "撤销批量操作", nameof(CancelOperation) => "停止批量操作", var other => other };

    /// <summary>What answers with many rows, moves many: nobody else's commit waits for that.</summary>
    private static readonly bool Brief = typeof(TResult) != typeof(BatchResult) && typeof(TResult) != typeof(BulkResult) && typeof(TResult) != typeof(Merged);

    public async Task<TResult> Handle(TCommand command, CancellationToken ct, RequestHandlerDelegate<TResult> next)
    {
        // What a command says is kept: in histories, logs, messages. What it answers is said in the reader's language where it is read.
        Texts.SpeakChinese();
        if (db.InUnit) return await next();
        if (command is SaveDocument { Id: null, OnceKey: { Length: > 0 } key }) once.Key = key.Length > 100 ? key[..100] : key;
        // What is kept to be told again would keep the secret, too.
        else if (once.Key is not null && command is IByOwnHand) throw new Invalid("Idempotency-Key", "这个操作不支持 Idempotency-Key。");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await db.Unit(async () =>
                {
                    if (once.Key is not null && await once.Recall<TResult>(ct) is (true, var answer)) return answer!;
                    if (once.Key is not null) await once.Claim(ct);
                    var r = await next();
                    if (once.Key is not null) await once.Keep(r, ct);
                    await Audit(command, r, ct);
                    return r;
                }, ct, brief: Brief && !me.IsSystem);
                return result;
            }
            catch (Exception e) when (attempt < Tries && (engine.IsTransient(e) || engine.UniqueIndexOf(e)?.Contains("platform_once", StringComparison.Ordinal) == true))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt * attempt), ct);
            }
        }
    }

    /// <summary>Every act of a user is in the operation log, with its label; what it changed is in the history. Visitors of public pages are nobody.</summary>
    private Task Audit(TCommand command, TResult result, CancellationToken ct)
    {
        if (me.IsSystem || !me.Known || command is SetPreference) return Task.CompletedTask;
        var label = command is IOnDocuments on && catalog.FindDocument(on.Type) is { } d ? $"{d.Label}：{ModuleCatalog.RightLabels.GetValueOrDefault(on.Right ?? "", typeof(TCommand).Name)}" : Action?.Label ?? Unnamed;
        var settings = Action?.Permission.StartsWith("settings.", StringComparison.Ordinal) == true;
        return log.Write(db, settings ? "audit" : "operation", typeof(TCommand).Name, label, me.Id, me.SeenBy, null, me.Source, "成功", Objects.Of(command, result, settings), ct);
    }
}
