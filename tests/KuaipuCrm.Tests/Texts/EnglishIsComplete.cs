using System.Text.RegularExpressions;
using Xunit;

namespace KuaipuCrm.Tests.Texts;

/// <summary>English is complete (UI-9): whatever the source says in Chinese has English in the Texts/en.tsv of its project.</summary>
[Trait("req", "UI-9")]
public partial class EnglishIsComplete
{
    /// <summary>Data and rules about Chinese, not words to people; path → why.</summary>
    private static readonly Dictionary<string, string> Silent = new()
    {
        ["/Demo/"] = "data of the demo company",
        ["Platform/Api/Description/"] = "the API's description is Chinese",
        ["Sdk/Text/"] = "Chinese names and numbers themselves",
        ["Platform/Sheets/Xlsx/XlsxParts.cs"] = "the font of a workbook",
        ["Platform/Sheets/Csv/TextSurvey.cs"] = "what garbled text looks like",
        ["Platform/Sheets/SheetRow.cs"] = "what stands in a cell",
        ["Customers/CompanyName.cs"] = "parts of company names",
        ["Customers/CreditCode.cs"] = "parts of codes",
        ["host/Transfers.cs"] = "the command line",
        ["host/CommandLine.cs"] = "the command line",
        ["Platform/Transfer/"] = "the command line",
        ["Platform/Migrations/"] = "failures of the start",
    };

    private static readonly string Root = FindRoot();
    private static readonly IReadOnlyDictionary<string, string> English = Tables().SelectMany(t => Lines(t).Select(l => l.Text.Split('\t')).Where(l => l.Length == 2)).DistinctBy(l => l[0]).ToDictionary(l => l[0], l => l[1]);

    public static TheoryData<string> Projects => [.. Directory.GetFiles(Root, "*.csproj", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(Root, Path.GetDirectoryName(p)!).Replace('\\', '/')).Where(p => !p.StartsWith("tests", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Projects))]
    public void Every_Chinese_text_has_English(string project)
    {
        var missing = Files(project).SelectMany(f => f.EndsWith(".razor", StringComparison.Ordinal) ? Source.InScreen(File.ReadAllText(f), Short(f)) : Source.InCode(File.ReadAllText(f), Short(f)))
            .Where(s => !English.ContainsKey(s.Key)).DistinctBy(s => s.Key).ToList();
        Assert.True(missing.Count == 0, $"Add to {project}/Texts/en.tsv (a tab between the two):\n" + string.Join('\n', missing.Select(s => $"{s.Key.Replace("\n", "\\n", StringComparison.Ordinal)}\t…    <- {s.Place}")));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Screens_say_nothing_past_the_texts(string project)
    {
        var wrong = Files(project).Where(f => f.EndsWith(".razor", StringComparison.Ordinal)).SelectMany(f => Source.Untranslated(File.ReadAllText(f), Short(f))).ToList();
        Assert.True(wrong.Count == 0, $"Wrap in L(\"…\") and add the English to {project}/Texts/en.tsv:\n" + string.Join('\n', wrong));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Nothing_is_said_once_for_all_in_the_first_readers_language(string project)
    {
        var wrong = Files(project).SelectMany(f => Source.FixedOnce(f.EndsWith(".razor", StringComparison.Ordinal) ? Source.CodeOf(File.ReadAllText(f)) : File.ReadAllText(f), Short(f))).ToList();
        Assert.True(wrong.Count == 0, "L(…) in a static value is said in the first reader's language for ever; keep the Chinese there and say L(…) where it is shown:\n" + string.Join('\n', wrong));
    }

    [Fact]
    public void The_tables_are_in_order()
    {
        List<string> wrong = [];
        Dictionary<string, (string English, string At)> anywhere = [];
        foreach (var table in Tables())
        {
            HashSet<string> seen = [];
            foreach (var (number, line) in Lines(table))
            {
                var at = $"{Short(table)}:{number}";
                if (line.Split('\t') is not [{ Length: > 0 } chinese, { Length: > 0 } english]) wrong.Add($"{at}: one tab is wanted, between Chinese and English: {line}");
                else
                {
                    if (!seen.Add(chinese)) wrong.Add($"{at}: twice: {chinese}");
                    // Of two that differ the reader would get whichever project loads first.
                    if (!anywhere.TryAdd(chinese, (english, at)) && anywhere[chinese].English != english) wrong.Add($"{at}: {chinese} is “{english}” here and “{anywhere[chinese].English}” in {anywhere[chinese].At}");
                    if (Source.Chinese(english)) wrong.Add($"{at}: Chinese in the English: {english}");
                    if (Holes().Matches(english).Select(h => h.Groups[1].Value).Except(Holes().Matches(chinese).Select(h => h.Groups[1].Value)).FirstOrDefault() is { } hole) wrong.Add($"{at}: hole {hole} is not in the Chinese");
                }
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_default_pick_list_and_its_entries_have_English()
    {
        var defaults = Path.Combine(Root, "modules/Settings/Defaults");
        Assert.Empty(Lines(Path.Combine(defaults, "dictionaries.tsv")).Where(l => l.Text[0] != '#').Select(l => l.Text.Split('\t')[1]).Where(label => !English.ContainsKey(label)).Select(label => $"modules/Settings/Texts/en.tsv lacks {label}"));
        Assert.Empty(Lines(Path.Combine(defaults, "entries.tsv")).Where(l => l.Text[0] != '#').Select(l => l.Text.Split('\t')).Where(e => e[3].Length == 0).Select(e => $"entries.tsv, fourth column, lacks the English of {e[2]}"));
    }

    [Fact]
    public void The_guards_bite()
    {
        Assert.Equal(["已选 {0} 项", "未保存", "未命名"], Source.InScreen("<p title=\"@L($\"已选 {count} 项\")\">@L(open ? \"未保存\" : name ?? \"未命名\")</p>", "a").Select(s => s.Key));
        Assert.Equal(["客户{0}不存在。", "没有"], Source.InCode("class A { void F() { throw new RuleBroken($\"客户{id}不存在。\"); var x = L($\"{(a ? \"没有\" : b)}\"); } }", "a").Select(s => s.Key));
        Assert.Equal("客户", Assert.Single(Source.InCode("class A { [Action(\"客户\", Help = \"说明\")] void F() { d.Aliases(\"别名\"); log.LogInformation(\"启动\"); } }", "a")).Key);
        Assert.Equal("a:2: 保存成功", Assert.Single(Source.Untranslated("@* 说明 *@\n<b>保存成功</b> @L(\"取消\") // 注", "a")));
        Assert.Equal("a:1: 客户", Assert.Single(Source.Untranslated("<Field Label=\"客户\" />", "a")));
        Assert.Single(Source.FixedOnce("class A { static readonly string[] X = [L(\"客户\")]; string Y => L(\"客户\"); static Func<string> Z = () => L(\"客户\"); }", "a"));
    }

    private static IEnumerable<string> Files(string project) => Directory.GetFiles(Path.Combine(Root, project), "*", SearchOption.AllDirectories)
        .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
        .Where(f => Short(f) is var s && !s.Contains("/obj/", StringComparison.Ordinal) && !s.Contains("/bin/", StringComparison.Ordinal) && !Silent.Keys.Any(k => s.Contains(k, StringComparison.Ordinal)));

    private static string[] Tables() => [.. new[] { "building-blocks", "host", "modules" }.SelectMany(d => Directory.GetFiles(Path.Combine(Root, d), "en.tsv", SearchOption.AllDirectories)).Where(f => Short(f).EndsWith("/Texts/en.tsv", StringComparison.Ordinal) && !Short(f).Contains("/obj/", StringComparison.Ordinal))];

    private static IEnumerable<(int Number, string Text)> Lines(string table) => File.ReadAllLines(table).Select((l, i) => (i + 1, l)).Where(l => l.l.Length > 0);

    private static string Short(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "KuaipuCrm.sln"))) root = root.Parent!;
        return root.FullName;
    }

    [GeneratedRegex(@"(?<!\{)\{(\d+)(?:[:|][^}]*)?\}")]
    private static partial Regex Holes();
}
