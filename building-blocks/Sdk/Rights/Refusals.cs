using System.Text.Json.Serialization;

namespace KuaipuCrm.Sdk;

/// <summary>A rule of the business is broken; told to the user as it stands.</summary>
public sealed class RuleBroken(Phrase message) : Exception
{
    public override string Message => message.ToString();
}

/// <summary>The user lacks a right, or the row is none of the user's.</summary>
/// <param name="permission">What is lacking, as its label where there is one.</param>
public sealed class NotAllowed(Phrase permission) : Exception
{
    public override string Message => L($"您没有“{permission}”权限，请联系管理员。");
}

/// <summary>The user might, but not with the token that was sent.</summary>
public sealed class BeyondToken(Phrase why) : Exception
{
    public override string Message => why.ToString();
}

/// <summary>There is no such document, or the user may not see it: which of the two is not told.</summary>
public sealed class NotFound(string what) : Exception
{
    public override string Message => L($"{what}不存在，或您无权查看。");
}

/// <summary>The session has ended: signed out elsewhere, disabled, or rights changed.</summary>
public sealed class NotSignedIn : Exception
{
    public override string Message => L("登录已失效，请重新登录。");
}

/// <summary>What is wrong with one field.</summary>
[method: JsonConstructor]
public sealed record FieldError(string Field, string Message)
{
    private readonly Phrase said = Message;

    public FieldError(string field, Phrase message) : this(field, "") => said = message;

    /// <summary>The field's name as declared; empty for the whole.</summary>
    public string Field { get; } = Field;

    /// <summary>A whole sentence, in the reader's language.</summary>
    public string Message => said.ToString();
}

/// <summary>Input is refused; each error is shown at its field. Nothing was changed.</summary>
public sealed class Invalid(IReadOnlyList<FieldError> errors) : Exception
{
    public Invalid(string field, Phrase message) : this([new(field, message)]) { }
    public IReadOnlyList<FieldError> Errors { get; } = errors;
    public override string Message => string.Join(L("；"), Errors.Select(e => e.Message));
}

/// <summary>Something to look at before saving all the same, such as a possible duplicate. The save is repeated with the code confirmed.</summary>
/// <param name="Code">Stable name, sent back in <c>confirmed</c>.</param>
/// <param name="Field">The field it belongs to; empty for the whole.</param>
[method: JsonConstructor]
public sealed record Warning(string Code, string Field, string Message, IReadOnlyList<string> Details)
{
    private readonly Phrase said = Message;

    public Warning(string code, string field, Phrase message, IReadOnlyList<string> details) : this(code, field, "", details) => said = message;

    /// <summary>A whole sentence, in the reader's language.</summary>
    public string Message => said.ToString();

    /// <summary>A line for each thing found, in the reader's language.</summary>
    public IReadOnlyList<string> Details => Texts.Chinese ? details : [.. details.Select(Retell)];

    private readonly IReadOnlyList<string> details = Details;
}

/// <summary>The save was held back because of warnings nobody has confirmed. Nothing was changed.</summary>
public sealed class Unconfirmed(IReadOnlyList<Warning> warnings) : Exception
{
    public IReadOnlyList<Warning> Warnings { get; } = warnings;
    public override string Message => string.Join(L("；"), Warnings.Select(w => w.Message));
}

/// <summary>Someone else saved first. Nothing was changed; tells what stands now.</summary>
public sealed class Conflict(long currentVersion, string changedBy, DateTime changedAt, IReadOnlyDictionary<string, object?> current)
    : Exception
{
    public override string Message => L($"这份资料已被{ChangedBy}修改，请核对两个版本后再保存。");
    public long CurrentVersion { get; } = currentVersion;
    public string ChangedBy => L(changedBy);
    /// <summary>UTC.</summary>
    public DateTime ChangedAt { get; } = changedAt;
    public IReadOnlyDictionary<string, object?> Current { get; } = current;
}
