using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Rights;

/// <summary>The permissions of all modules in the shape of a matrix: document types by rights, and the modules' own below.</summary>
internal static class RightsTable
{
    /// <summary>The columns.</summary>
    public static readonly IReadOnlyList<(string Right, string Text)> Rights =
    [
        (DocumentRight.Read, "查看"), (DocumentRight.Create, "新建"), (DocumentRight.Update, "修改"), (DocumentRight.Delete, "删除"), (DocumentRight.Restore, "恢复"), (DocumentRight.Purge, "彻底删除"),
        (DocumentRight.Batch, "批量修改"), (DocumentRight.Assign, "分配负责人"), (DocumentRight.Comment, "点评"), (DocumentRight.Import, "导入"), (DocumentRight.Export, "导出"), (DocumentRight.Unmask, "完整内容"),
    ];

    /// <summary>Modules that have permissions at all.</summary>
    public static IEnumerable<ModuleInfo> Modules(ICatalog catalog) => catalog.AllModules.Where(m => m.Documents.Count > 0 || Own(catalog, m).Any());

    /// <summary>The permission of a cell; null where the right makes no sense for the type.</summary>
    public static string? Cell(ICatalog catalog, DocumentDefinition d, string right) => d.Permission(right) is var p && catalog.Permissions.ContainsKey(p) ? p : null;

    /// <summary>Those of a type that exist.</summary>
    public static IEnumerable<string> Row(ICatalog catalog, DocumentDefinition d) => Rights.Select(r => Cell(catalog, d, r.Right)).OfType<string>();

    /// <summary>A module's own permissions, beside those of its document types.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Own(ICatalog catalog, ModuleInfo m)
    {
        var rows = m.Documents.SelectMany(d => Row(catalog, d)).ToHashSet();
        return catalog.Permissions.Where(p => p.Key.StartsWith(m.Id + ".", StringComparison.Ordinal) && !rows.Contains(p.Key));
    }
}
