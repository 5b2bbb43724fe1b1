using System.Xml;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>A name table that cannot be filled without end by a file in which every element has another name.</summary>
internal sealed class BoundedNames : NameTable
{
    private const int MaxNames = 10_000;
    private int _count;

    public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? Counted(base.Add(key, start, len));

    public override string Add(string key) => Get(key) ?? Counted(base.Add(key));

    private string Counted(string name) => ++_count <= MaxNames ? name : throw SheetException.Damaged();
}
