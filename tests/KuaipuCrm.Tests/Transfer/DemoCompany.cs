using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Transfer;

/// <summary>The demo company on SQLite, made once by the command the README names; each test takes a copy.</summary>
internal static class DemoCompany
{
    private static readonly Lazy<Task<string>> Made = new(Make);

    /// <returns>A data folder of its own with <c>kuaipu.db</c> in it.</returns>
    public static async Task<string> Copy()
    {
        var (from, to) = (await Made.Value, Folder());
        foreach (var file in Directory.GetFiles(from, "kuaipu.db*")) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        return to;
    }

    public static string Folder() => Directory.CreateDirectory(Path.Combine(Databases.Folder, Guid.NewGuid().ToString("N"))).FullName;

    private static async Task<string> Make()
    {
        var folder = Folder();
        var (code, said) = await HostProcess.Run("seed", "--Data", folder);
        Assert.True(code == 0, said);
        return folder;
    }
}
