namespace KuaipuCrm.Web.Controls;

/// <summary>Asks the user something from code: injected, shown by the one <see cref="DialogHost"/> of the shell.</summary>
public sealed class Dialogs
{
    private readonly Queue<Question> _waiting = new();

    internal event Action? Changed;

    internal Question? Current => _waiting.TryPeek(out var question) ? question : null;

    /// <summary>Yes or no; false when closed by Esc.</summary>
    public async Task<bool> Confirm(string title, string? text = null, string? okText = null, bool danger = false) =>
        await Show(new Question(title, text, okText ?? Words.Ok, danger, null, false, Words.Cancel)) is not null;

    /// <summary>Tells something that has to be read.</summary>
    public Task Alert(string title, string? text = null) => Show(new Question(title, text, Words.Ok, false, null, false, null));

    /// <summary>Asks for a line of text, such as a reason; null when closed.</summary>
    public Task<string?> Ask(string title, string label, string? text = null, bool required = true, string? okText = null, bool danger = false) =>
        Show(new Question(title, text, okText ?? Words.Ok, danger, label, required, Words.Cancel));

    internal void Answer(Question question, string? answer)
    {
        if (Current != question) return;
        _waiting.Dequeue();
        Changed?.Invoke();
        question.Done.TrySetResult(answer);
    }

    private Task<string?> Show(Question question)
    {
        _waiting.Enqueue(question);
        Changed?.Invoke();
        return question.Done.Task;
    }

    internal sealed record Question(string Title, string? Text, string OkText, bool Danger, string? Label, bool Required, string? CancelText)
    {
        public TaskCompletionSource<string?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
