using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>A field an administrator has added to a document type (DOC-11, SET-15).</summary>
/// <param name="Name">Begins with <c>x_</c>, never changes: the name in the API, in filters and in what is kept.</param>
/// <param name="Kind">Never changes: what is kept has this kind.</param>
/// <param name="Start">Value of a new document as text; <c>@me</c> and <c>@today</c> stand for the user and the day.</param>
/// <param name="Indexed">Filtering and sorting stay fast at any number of documents.</param>
/// <param name="Ready">Its index stands; always true without one.</param>
/// <param name="Deleted">In the trash: shown nowhere, what it holds is kept.</param>
public sealed record CustomFieldInfo(long Id, string Type, string Name, string Label, string? English, FieldKind Kind, string? Dictionary, string? RefersTo, string Section, string? Help, string? Start,
    bool Required, bool Listed, bool Indexed, bool Ready, bool Disabled, bool Deleted, int Version);

/// <summary>The custom fields of a type, in their order, those in the trash last.</summary>
[Action("自定义字段列表", CustomFieldPermission.Manage, Route = "fields", Help = "一种单据的自定义字段，按显示的顺序；回收站中的在最后。不给类型则为所有单据的。")]
public sealed record ListCustomFields([Label("单据类型，如 customer")] string? DocumentType = null) : IQuery<IReadOnlyList<CustomFieldInfo>>;

/// <summary>Adds a custom field or changes one. Its name and kind stay as they are: documents hold values under this name and of this kind.</summary>
/// <param name="Id">None for a new one.</param>
/// <param name="Name">Of a new one; made from the label where it is left out.</param>
/// <param name="Version">The version seen, of an existing one.</param>
[Action("保存自定义字段", CustomFieldPermission.Manage, Route = "fields", Help = "新增或修改一个自定义字段，立即生效：表单、列表、导入、导出、历史、接口。代码和类型在新建后不能更改。返回字段的编号。",
    Example = "{\"documentType\":\"customer\",\"label\":\"合同到期日\",\"kind\":\"Date\",\"section\":\"补充信息\",\"listed\":true}")]
public sealed record SaveCustomField(
    [Label("单据类型")] string DocumentType, [Label("名称"), Required, MaxLength(20)] string Label, [Label("类型")] FieldKind Kind, [Label("字典")] string? Dictionary = null, [Label("引用的单据类型")] string? RefersTo = null,
    [Label("分组"), MaxLength(20)] string? Section = null, [Label("说明"), MaxLength(200)] string? Help = null, [Label("默认值"), MaxLength(200)] string? Start = null, [Label("英文名称"), MaxLength(60)] string? English = null,
    [Label("必填")] bool Required = false, [Label("默认显示在列表")] bool Listed = false, [Label("建立索引")] bool Indexed = false, [Label("代码")] string? Name = null, long? Id = null, int Version = 0) : ICommand<long>;

/// <summary>Puts a type's custom fields in a new order.</summary>
[Action("自定义字段排序", CustomFieldPermission.Manage, Route = "fields/order", Help = "设置一种单据的自定义字段的顺序。", Example = "{\"documentType\":\"customer\",\"ids\":[]}")]
public sealed record OrderCustomFields([Label("单据类型")] string DocumentType, [Label("字段的编号，按新的顺序")] IReadOnlyList<long> Ids) : ICommand<Done>;

/// <summary>Hides a field everywhere or shows it again; what it holds is kept.</summary>
[Action("停用或启用自定义字段", CustomFieldPermission.Manage, Route = "fields/{id}/switch", Help = "停用后各处都不再显示，资料保留；可再启用。")]
public sealed record SwitchCustomField([Label("字段的编号")] long Id, [Label("停用")] bool Disabled) : ICommand<Done>;

/// <summary>Moves a field to the trash; what it holds is kept and comes back with it.</summary>
[Action("删除自定义字段", CustomFieldPermission.Manage, Route = "fields/{id}/delete", Help = "移到回收站：各处都不再显示，已填写的内容保留，恢复后还在。")]
public sealed record DeleteCustomField([Label("字段的编号")] long Id) : ICommand<Done>;

/// <summary>Takes a field back out of the trash, with what it holds.</summary>
[Action("恢复自定义字段", CustomFieldPermission.Manage, Route = "fields/{id}/restore", Help = "从回收站恢复，已填写的内容一并恢复。")]
public sealed record RestoreCustomField([Label("字段的编号")] long Id) : ICommand<Done>;

/// <summary>How many documents hold a value of the field, up to 10,000: asked before it is deleted.</summary>
[Action("自定义字段的使用", CustomFieldPermission.Manage, Route = "fields/{id}/use", Help = "有多少份单据填写了这个字段，最多数到 10,000。")]
public sealed record CountCustomField([Label("字段的编号")] long Id) : IQuery<ListCount>;

/// <summary>The saved queries that go by the field, whoever keeps them: named before it is hidden or deleted, as they no longer work then.</summary>
[Action("用到自定义字段的常用查询", CustomFieldPermission.Manage, Route = "fields/{id}/queries", Help = "哪些常用查询按这个字段筛选或排序，各是谁的；只有名称，没有内容。")]
public sealed record ListFieldQueries([Label("字段的编号")] long Id) : IQuery<IReadOnlyList<FieldQuery>>;

/// <param name="Type">The document type it is kept for: another one where it goes by a document referred to.</param>
/// <param name="Shared">With everyone.</param>
public sealed record FieldQuery(string Type, string Name, string Owner, bool Shared);

/// <summary>The permission of all that is about custom fields.</summary>
public static class CustomFieldPermission
{
    public const string Manage = "settings.fields.manage";
}
