namespace KuaipuCrm.Sdk;

/// <summary>What every business record (单据) has, whatever its type.</summary>
public abstract class Document
{
    /// <summary>Unique over all document types; 0 until it is saved.</summary>
    public long Id { get; set; }

    /// <summary>By the type's numbering rule (DOC-1).</summary>
    public string Number { get; set; } = "";

    /// <summary>Counts the saves, for optimistic concurrency (DOC-2).</summary>
    public long Version { get; set; }

    /// <summary>The user it belongs to; null where nobody owns it.</summary>
    public long? OwnerId { get; set; }

    /// <summary>The owner's department, kept with the row for the data scope.</summary>
    public long? DepartmentId { get; set; }
    public long CreatedBy { get; set; }
    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; set; }
    public long UpdatedBy { get; set; }
    /// <summary>UTC.</summary>
    public DateTime UpdatedAt { get; set; }
    /// <summary>UTC; set while it lies in the recycle bin.</summary>
    public DateTime? DeletedAt { get; set; }

    /// <summary>One of <see cref="ApprovalState"/>; null where it was never submitted. Set by the approval engine alone.</summary>
    public string? Approval { get; set; }

    /// <summary>Custom fields as JSON; see <see cref="Custom"/>.</summary>
    public string? Extra { get => custom.Text; set => custom.Text = value; }

    /// <summary>What a custom field holds as it is kept: text, whole number (fen, ten-thousandths, id, 1 for yes), or null.</summary>
    /// <param name="key">The field's name, e.g. <c>x_due</c>.</param>
    public object? Custom(string key) => custom.Get(key);

    /// <summary>Sets what a custom field holds, as it is kept; null takes it away.</summary>
    public void SetCustom(string key, object? value) => custom.Set(key, value);

    private readonly CustomValues custom = new();
}

/// <summary>Declares a document type once; list, form, page, endpoints, permissions, history, import and export come from it.</summary>
/// <remarks>One class per type, found by scan, public parameterless constructor.</remarks>
public interface IDocument<T> where T : Document, new()
{
    /// <summary>Says what the type is and has.</summary>
    void Declare(DocumentBuilder<T> d);
}
