using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace KuaipuCrm.Tests.Plugins;

/// <summary>A plug-in folder as an administrator fills it: with the sample module, and with modules compiled here from a few lines.</summary>
internal sealed class PluginFolder
{
    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(p => !Path.GetFileName(p).StartsWith("KuaipuCrm.Tests", StringComparison.Ordinal)).Select(p => MetadataReference.CreateFromFile(p))]);

    public string Folder { get; } = Directory.CreateTempSubdirectory("kuaipu-plugins-").FullName;

    /// <summary>The sample as its own build left it.</summary>
    public PluginFolder Sample()
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var source = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../modules/AfterSales/bin", built.Parent!.Name, built.Name));
        Assert.True(File.Exists(Path.Combine(source, "AfterSales.dll")), $"The sample module was not built in {source}.");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, "AfterSales", Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return this;
    }

    /// <summary>A module of a few lines. <paramref name="define"/>: the body of its Define; <paramref name="more"/>: further types.</summary>
    public PluginFolder Module(string id, string define = "", string more = "", string sdk = "0.1", string? manifest = null, params (string Name, byte[] Content)[] beside)
    {
        var source = $$"""
            using System; using System.Linq; using System.Threading; using System.Threading.Tasks; using System.Collections.Generic; using KuaipuCrm.Sdk; using FluentMigrator;
            [assembly: CrmModule("{{id}}", "测试模块")]
            [assembly: System.Reflection.AssemblyVersion("1.0.0.0")]
            namespace P{{id}};
            public sealed class TheModule : IModule { public void Define(ModuleDefinition module) { {{define}} } }
            {{more}}
            """;
        var references = References.Value.Concat(beside.Where(b => b.Name.EndsWith(".dll", StringComparison.Ordinal)).Select(b => MetadataReference.CreateFromImage(b.Content)));
        return Files(id, [($"{id}.dll", Compile($"P{id}", source, references)), ("plugin.json", System.Text.Encoding.UTF8.GetBytes(manifest ?? Manifest(id, sdk))), .. beside]);
    }

    public PluginFolder Files(string folder, params (string Name, byte[] Content)[] files)
    {
        Directory.CreateDirectory(Path.Combine(Folder, folder));
        foreach (var (name, content) in files) File.WriteAllBytes(Path.Combine(Folder, folder, name), content);
        return this;
    }

    public static string Manifest(string id, string sdk = "0.1") => JsonSerializer.Serialize(new { id, name = "测试模块", version = "1.0.0", sdk, assembly = $"{id}.dll" });

    /// <summary>A library of one's own, in a version of one's own.</summary>
    public static byte[] Library(string version) => Compile("PrivateLibrary", $$"""[assembly: System.Reflection.AssemblyVersion("{{version}}")] namespace PrivateLibrary; public static class Told { public const string Built = "x"; public static string Version() => typeof(Told).Assembly.GetName().Version!.ToString(); }""", References.Value);

    private static byte[] Compile(string name, string source, IEnumerable<MetadataReference> references)
    {
        using var stream = new MemoryStream();
        var result = CSharpCompilation.Create(name, [CSharpSyntaxTree.ParseText(source)], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(stream);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return stream.ToArray();
    }
}
