using System.Reflection;
using System.Runtime.Loader;

namespace KuaipuCrm.Platform.Plugins;

/// <summary>
/// Where one plug-in's code lives: what it shares with the host are the same types, all else is its own, in its own versions.
/// Not collectible: containers and mappers hold on to types, so a plug-in is changed by a restart. It is no wall: plug-ins are trusted code.
/// </summary>
internal sealed class PluginContext(string assembly) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(assembly))
{
    /// <summary>Named in the signatures of the SDK: a copy of one's own would be another type of the same name.</summary>
    private static readonly HashSet<string> Shared = new(StringComparer.OrdinalIgnoreCase) { "MediatR", "FluentMigrator", "FluentMigrator.Abstractions", "AnyAscii" };

    private readonly AssemblyDependencyResolver resolver = new(assembly);

    protected override Assembly? Load(AssemblyName name)
    {
        if (name.Name!.StartsWith("KuaipuCrm.", StringComparison.Ordinal) || Shared.Contains(name.Name)) return null;
        return resolver.ResolveAssemblyToPath(name) is { } own ? LoadFromAssemblyPath(own) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string name) => resolver.ResolveUnmanagedDllToPath(name) is { } own ? LoadUnmanagedDllFromPath(own) : IntPtr.Zero;
}
