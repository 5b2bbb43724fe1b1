namespace KuaipuCrm.Web.Controls;

/// <summary>Short messages that go away by themselves: injected, shown by the one <see cref="ToastHost"/> of the shell.</summary>
public sealed class Toasts
{
    internal event Action<Toast>? Shown;

    /// <summary>Done.</summary>
    public void Success(string text, string? action = null, Func<Task>? onAction = null) => Show(Tone.Ok, text, action, onAction);

    /// <summary>Good to know.</summary>
    public void Info(string text, string? action = null, Func<Task>? onAction = null) => Show(Tone.Info, text, action, onAction);

    /// <summary>Worth a look.</summary>
    public void Warn(string text, string? action = null, Func<Task>? onAction = null) => Show(Tone.Warn, text, action, onAction);

    /// <summary>Did not work; stays longer.</summary>
    public void Error(string text, string? action = null, Func<Task>? onAction = null) => Show(Tone.Bad, text, action, onAction);

    private void Show(Tone tone, string text, string? action, Func<Task>? onAction) => Shown?.Invoke(new Toast(tone, text, action, onAction));

    internal sealed record Toast(Tone Tone, string Text, string? Action, Func<Task>? OnAction)
    {
        public Guid Id { get; } = Guid.NewGuid();
    }
}
