using System.Reflection;
using System.Text;

namespace KuaipuCrm.Sdk;

/// <summary>Ways to read and write a record's property by its declaration.</summary>
internal static class Accessors
{
    public static FieldDefinition Field(PropertyInfo property, string label, FieldKind kind, string section, bool system = false) => new()
    {
        Name = Camel(property.Name),
        Column = Snake(property.Name),
        Label = label,
        Kind = kind,
        Section = section,
        System = system,
        Get = Of(property).Getter(property.GetMethod!),
        Set = Of(property).Setter(property.SetMethod!, Emptied(property, kind)),
    };

    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    public static string Snake(string name)
    {
        var b = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && b.Length > 0) b.Append('_');
            b.Append(char.ToLowerInvariant(c));
        }
        return b.ToString();
    }

    /// <summary>What stands where a field is emptied that can't be empty.</summary>
    private static object? Emptied(PropertyInfo property, FieldKind kind) =>
        property.PropertyType == typeof(string) && kind is FieldKind.Text && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.NotNull ? "" : null;

    private static Access Of(PropertyInfo property) => (Access)Activator.CreateInstance(typeof(Access<,>).MakeGenericType(property.DeclaringType!, property.PropertyType))!;

    private abstract class Access
    {
        public abstract Func<Document, object?> Getter(MethodInfo method);
        public abstract Action<Document, object?> Setter(MethodInfo method, object? emptied);
    }

    /// <summary>Delegates bound to the property itself: nothing is compiled, which at hundreds of fields a start would feel.</summary>
    private sealed class Access<TDocument, TValue> : Access where TDocument : Document
    {
        public override Func<Document, object?> Getter(MethodInfo method)
        {
            var get = method.CreateDelegate<Func<TDocument, TValue>>();
            return d => get((TDocument)d);
        }

        public override Action<Document, object?> Setter(MethodInfo method, object? emptied)
        {
            var set = method.CreateDelegate<Action<TDocument, TValue>>();
            return (d, value) => set((TDocument)d, (value ?? emptied) is { } some ? (TValue)some : default!);
        }
    }
}

/// <summary>The fields every document type has.</summary>
internal static class SystemFields
{
    public static IEnumerable<FieldDefinition> Before()
    {
        var number = Make(nameof(Document.Number), "编号", FieldKind.Text);
        (number.Listed, number.Indexed, number.ReadOnly, number.Width, number.MaxLength) = (true, true, true, 120, 40);
        yield return number;
    }

    public static IEnumerable<FieldDefinition> After()
    {
        var owner = Make(nameof(Document.OwnerId), "负责人", FieldKind.Reference);
        (owner.RefersTo, owner.Listed, owner.Width, owner.Aliases, owner.Default) = ("user", true, 72, ["负责人姓名", "业务员", "所有者", "归属人"], me => me.Id);
        yield return owner;
        var department = Make(nameof(Document.DepartmentId), "所属部门", FieldKind.Reference);
        (department.RefersTo, department.ReadOnly, department.Width) = ("department", true, 110);
        yield return department;
        var approval = Make(nameof(Document.Approval), "审核状态", FieldKind.Fixed);
        (approval.ReadOnly, approval.Width, approval.MaxLength, approval.Values) = (true, 88, 12,
            [new(ApprovalState.Draft, "草稿", "Draft"), new(ApprovalState.Review, "审核中", "In review"), new(ApprovalState.Approved, "审核通过", "Approved"), new(ApprovalState.Rejected, "审核不通过", "Rejected"), new(ApprovalState.Withdrawn, "已撤回", "Withdrawn")]);
        yield return approval;
        yield return Stamp(nameof(Document.CreatedBy), "创建人", FieldKind.Reference, ["创建者", "录入人"]);
        yield return Stamp(nameof(Document.CreatedAt), "创建时间", FieldKind.Instant, ["创建日期", "录入时间"]);
        yield return Stamp(nameof(Document.UpdatedBy), "修改人", FieldKind.Reference, ["最后修改人"]);
        var updated = Stamp(nameof(Document.UpdatedAt), "修改时间", FieldKind.Instant, ["最后修改时间"]);
        updated.Listed = true;
        yield return updated;
    }

    private static FieldDefinition Stamp(string property, string label, FieldKind kind, string[] aliases)
    {
        var f = Make(property, label, kind);
        f.ReadOnly = f.ImportedByAdministrators = true;
        f.Aliases = aliases;
        if (kind == FieldKind.Reference) (f.RefersTo, f.Width) = ("user", 88);
        else (f.Indexed, f.Width) = (true, 136);
        return f;
    }

    private static FieldDefinition Make(string property, string label, FieldKind kind) =>
        Accessors.Field(typeof(Document).GetProperty(property)!, label, kind, "系统信息", system: true);
}

internal static class FieldChecks
{
    public static string? Email(string label, string v)
    {
        var at = v.IndexOf('@');
        return at > 0 && at == v.LastIndexOf('@') && v.IndexOf('.', at) > at + 1 && !v.EndsWith('.') && !v.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or '"' or ',' or ';')
            ? null : $"{label}“{(v.Length > 40 ? v[..40] : v)}”不是有效的邮箱地址。";
    }

    public static string? Url(string label, string v) =>
        Uri.TryCreate(v.Contains("://", StringComparison.Ordinal) ? v : "https://" + v, UriKind.Absolute, out var u) && u.Scheme is "http" or "https" && u.Host.Contains('.')
            ? null : $"{label}“{(v.Length > 40 ? v[..40] : v)}”不是有效的网址。";
}
