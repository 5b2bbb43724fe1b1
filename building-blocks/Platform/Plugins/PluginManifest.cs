using System.Text.Json;
using System.Text.RegularExpressions;

namespace KuaipuCrm.Platform.Plugins;

/// <summary>What a plug-in says of itself in <c>plugin.json</c>, read before any of its code is.</summary>
/// <param name="Id">The module's id: lower case letters, also its schema and the beginning of its permissions, pages and paths.</param>
/// <param name="Sdk">The version of KuaipuCrm.Sdk it was built for, such as <c>0.1</c>.</param>
/// <param name="Assembly">The file with the module, in the same folder.</param>
/// <param name="Styles">Style sheets below its <c>wwwroot</c>, put on every page.</param>
/// <param name="Scripts">JavaScript modules below its <c>wwwroot</c>, put on every page.</param>
public sealed partial record PluginManifest(string Id, string Name, string Version, string Sdk, string Assembly, IReadOnlyList<string>? Styles = null, IReadOnlyList<string>? Scripts = null)
{
    public const string File = "plugin.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="PluginRefused">There is none, or it is not complete.</exception>
    public static PluginManifest Read(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path)) throw new PluginRefused($"缺少清单文件 {File}。");
        PluginManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<PluginManifest>(System.IO.File.ReadAllText(path), Options) ?? throw new PluginRefused($"清单文件 {File} 是空的。");
        }
        catch (JsonException e)
        {
            throw new PluginRefused($"清单文件 {File} 无法读取：{e.Message}");
        }
        if (!Ids().IsMatch(manifest.Id)) throw new PluginRefused($"清单中的 id“{manifest.Id}”不正确：须为 2 到 30 个小写字母或数字，以字母开头。");
        if (!System.Version.TryParse(manifest.Version, out _)) throw new PluginRefused($"清单中的 version“{manifest.Version}”不是版本号，如 1.0.0。");
        foreach (var name in new[] { manifest.Assembly }.Concat(manifest.Styles ?? []).Concat(manifest.Scripts ?? []))
            if (name.Contains("..", StringComparison.Ordinal) || Path.IsPathRooted(name)) throw new PluginRefused($"清单中的文件“{name}”不在插件自己的文件夹内。");
        return manifest;
    }

    /// <summary>Refused are another major version, and a newer minor one than the host has. Before 1.0 every minor version may break.</summary>
    /// <exception cref="PluginRefused">It was built for another SDK.</exception>
    public void MustFit(Version host)
    {
        if (!System.Version.TryParse(Sdk, out var wanted)) throw new PluginRefused($"清单中的 sdk“{Sdk}”不是版本号，如 {host.ToString(2)}。");
        if (wanted.Major != host.Major || wanted.Minor > host.Minor || host.Major == 0 && wanted.Minor != host.Minor)
            throw new PluginRefused($"为 SDK {Sdk} 构建，本系统的 SDK 为 {host.ToString(2)}。请使用与本系统版本相符的插件。");
    }

    [GeneratedRegex("^[a-z][a-z0-9]{1,29}$")]
    private static partial Regex Ids();
}

/// <summary>A plug-in is not taken; the message is for the administrator.</summary>
public sealed class PluginRefused(string message) : Exception(message);
