namespace KuaipuCrm.Web.Controls;

/// <summary>A tab: key, text, how many records it holds, icon.</summary>
public sealed record TabItem(string Key, string Text, int? Count = null, string? Icon = null);

/// <summary>A place in a <see cref="Breadcrumb"/>; the last one has no address.</summary>
public sealed record Crumb(string Text, string? Href = null);

/// <summary>A node of a <see cref="TreeView"/>. Children null and <see cref="HasChildren"/> true: asked for when it is opened.</summary>
public sealed record TreeNode(string Value, string Text)
{
    /// <summary>Name of its icon.</summary>
    public string? Icon { get; init; }

    /// <summary>Grey text behind it, such as a count.</summary>
    public string? Detail { get; init; }

    /// <summary>What is below it, if known.</summary>
    public IReadOnlyList<TreeNode>? Children { get; init; }

    /// <summary>There is something below it that isn't loaded.</summary>
    public bool HasChildren { get; init; }

    internal bool CanOpen => Children is { Count: > 0 } || (Children is null && HasChildren);
}
