namespace KuaipuCrm.Sdk;

/// <summary>A rule of the business is broken; told to the user as it stands.</summary>
public sealed class RuleBroken(string message) : Exception(message);

/// <summary>The user lacks a right, or the row is none of the user's.</summary>
/// <param name="permission">What is lacking, as its label where there is one.</param>
public sealed class NotAllowed(string permission) : Exception($"您没有“{permission}”权限，请联系管理员。");

/// <summary>The user might, but not with the token that was sent.</summary>
public sealed class BeyondToken(string why) : Exception(why);

/// <summary>There is no such document, or the user may not see it: which of the two is not told.</summary>
public sealed class NotFound(string what) : Exception($"{what}不存在，或您无权查看。");

/// <summary>The session has ended: signed out elsewhere, disabled, or rights changed.</summary>
public sealed class NotSignedIn() : Exception("登录已失效，请重新登录。");

/// <summary>What is wrong with one field.</summary>
/// <param name="Field">The field's name as declared; empty for the whole.</param>
/// <param name="Message">In Chinese, a whole sentence.</param>
public sealed record FieldError(string Field, string Message);

/// <summary>Input is refused; each error is shown at its field. Nothing was changed.</summary>
public sealed class Invalid(IReadOnlyList<FieldError> errors) : Exception(string.Join("；", errors.Select(e => e.Message)))
{
    public Invalid(string field, string message) : this([new(field, message)]) { }
    public IReadOnlyList<FieldError> Errors { get; } = errors;
}

/// <summary>Something to look at before saving all the same, such as a possible duplicate. The save is repeated with the code confirmed.</summary>
/// <param name="Code">Stable name, sent back in <c>confirmed</c>.</param>
/// <param name="Field">The field it belongs to; empty for the whole.</param>
/// <param name="Message">In Chinese.</param>
/// <param name="Details">A line for each thing found.</param>
public sealed record Warning(string Code, string Field, string Message, IReadOnlyList<string> Details);

/// <summary>The save was held back because of warnings nobody has confirmed. Nothing was changed.</summary>
public sealed class Unconfirmed(IReadOnlyList<Warning> warnings) : Exception(string.Join("；", warnings.Select(w => w.Message)))
{
    public IReadOnlyList<Warning> Warnings { get; } = warnings;
}

/// <summary>Someone else saved first. Nothing was changed; tells what stands now.</summary>
public sealed class Conflict(long currentVersion, string changedBy, DateTime changedAt, IReadOnlyDictionary<string, object?> current)
    : Exception($"这份资料已被{changedBy}修改，请核对两个版本后再保存。")
{
    public long CurrentVersion { get; } = currentVersion;
    public string ChangedBy { get; } = changedBy;
    /// <summary>UTC.</summary>
    public DateTime ChangedAt { get; } = changedAt;
    public IReadOnlyDictionary<string, object?> Current { get; } = current;
}
