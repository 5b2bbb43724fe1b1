using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tests.Architecture;

/// <summary>An assembly read as a file: what it refers to, what it names, what texts it holds. Nothing of it can be hidden from this.</summary>
public sealed class CompiledFile
{
    private readonly MetadataReader meta;
    private readonly string path;

    private CompiledFile(string path)
    {
        this.path = path;
        var image = new PEReader(new MemoryStream(File.ReadAllBytes(path)));
        meta = image.GetMetadataReader();
        Name = Path.GetFileNameWithoutExtension(path);
    }

    /// <summary>Name of the assembly.</summary>
    public string Name { get; }

    /// <summary>Id of the module; null where it is none.</summary>
    public string? Id => Assembly.GetCustomAttribute<CrmModuleAttribute>()?.Id;

    /// <summary>For what only reflection tells: attributes with their values.</summary>
    public Assembly Assembly => field ??= Assembly.LoadFrom(path);

    /// <summary>Every module there is; a new one is held to the rules without touching the tests.</summary>
    public static readonly IReadOnlyList<CompiledFile> Modules =
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "KuaipuCrm.*.dll").Order(StringComparer.Ordinal).Select(f => new CompiledFile(f)).Where(f => f.IsMarked),
    ];

    public static CompiledFile Named(string name) => new(Path.Combine(AppContext.BaseDirectory, name + ".dll"));

    public IEnumerable<string> References => meta.AssemblyReferences.Select(h => meta.GetString(meta.GetAssemblyReference(h).Name));

    /// <summary>Every type of another assembly that the code names.</summary>
    public IEnumerable<string> Types => meta.TypeReferences.Select(FullName);

    /// <summary>Type and member of every method or field of another assembly that the code names.</summary>
    public IEnumerable<string> Members =>
        from h in meta.MemberReferences
        let m = meta.GetMemberReference(h)
        where m.Parent.Kind == HandleKind.TypeReference
        select $"{FullName((TypeReferenceHandle)m.Parent)}.{meta.GetString(m.Name)}";

    /// <summary>Every text in the code, the pieces of interpolated SQL among them.</summary>
    public IEnumerable<string> Literals
    {
        get
        {
            if (meta.GetHeapSize(HeapIndex.UserString) == 0) yield break;
            for (var h = MetadataTokens.UserStringHandle(1); !h.IsNil; h = meta.GetNextHandle(h)) yield return meta.GetUserString(h);
        }
    }

    public override string ToString() => Name;

    private bool IsMarked => meta.GetAssemblyDefinition().GetCustomAttributes().Any(h =>
        meta.GetCustomAttribute(h).Constructor is { Kind: HandleKind.MemberReference } c
        && meta.GetMemberReference((MemberReferenceHandle)c).Parent is { Kind: HandleKind.TypeReference } t
        && FullName((TypeReferenceHandle)t) == typeof(CrmModuleAttribute).FullName);

    private string FullName(TypeReferenceHandle h)
    {
        var t = meta.GetTypeReference(h);
        return $"{meta.GetString(t.Namespace)}.{meta.GetString(t.Name)}";
    }
}
