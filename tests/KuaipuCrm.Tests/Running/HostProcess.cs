using System.Diagnostics;

namespace KuaipuCrm.Tests.Running;

/// <summary>The host as a process of its own, as the administrator calls it.</summary>
internal static class HostProcess
{
    /// <summary>The host's own: beside the tests it would look for modules in assemblies it can't load.</summary>
    private static readonly string Folder = Own();

    public static Process Start(params string[] args) => Start("dotnet", [], args);

    private static Process Start(string program, string[] before, string[] args) => Process.Start(new ProcessStartInfo(program, [.. before, Path.Combine(Folder, "KuaipuCrm.Host.dll"), .. args])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Folder,
    })!;

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int Code, string Said)> Run(params string[] args) => End(Start(args));

    /// <summary>… begun by a program that changes what it may.</summary>
    public static Task<(int Code, string Said)> RunBy(string program, string[] options, params string[] args) => End(Start(program, [.. options, "dotnet"], args));

    private static async Task<(int Code, string Said)> End(Process started)
    {
        using var process = started;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await said + await complained);
    }

    private static string Own()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var root = here;
        while (!File.Exists(Path.Combine(root.FullName, "KuaipuCrm.sln"))) root = root.Parent!;
        return Path.Combine(root.FullName, "host", "bin", here.Parent!.Name, here.Name);
    }
}
