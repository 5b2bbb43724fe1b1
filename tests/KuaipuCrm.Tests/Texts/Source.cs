using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KuaipuCrm.Tests.Texts;

/// <summary>A Chinese text in the source: what English is looked up by, and where it stands.</summary>
public sealed record Said(string Key, string Place);

/// <summary>Finds what the source says in Chinese: in C# every literal but what is never shown, in screens what stands within <c>L(…)</c>.</summary>
public static partial class Source
{
    /// <summary>Texts of the API's description, which is Chinese, and other names of columns.</summary>
    private static readonly HashSet<string> SilentCalls =
    [
        "Aliases", "Example", "WithSummary", "WithDescription", "WithTags", "Says", "AddModuleDescription", "StartsWith", "EndsWith", "Contains", "IndexOf", "TrimEnd", "Replace", "Split",
        "LogInformation", "LogWarning", "LogError", "WriteLine",
    ];

    /// <summary>Failures of the program, told to whoever runs it.</summary>
    private static readonly HashSet<string> SilentFailures = ["InvalidOperationException", "ArgumentException", "NotSupportedException", "SchemaException", "TransferException"];

    private static readonly HashSet<string> SilentArguments = ["Help", "Example", "Aliases"];

    public static bool Chinese(string text) => text.Any(c => c is >= '\u3400' and <= '\u9fff');

    /// <summary>Chinese literals of a C# file that people may come to read.</summary>
    public static IEnumerable<Said> InCode(string code, string file)
    {
        var tree = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Preview));
        foreach (var node in tree.GetRoot().DescendantNodes())
            if (Key(node) is { } key && Chinese(key) && !Form(key) && !Silent(node)) yield return new(key, $"{file}:{tree.GetLineSpan(node.Span).StartLinePosition.Line + 1}");
    }

    /// <summary>Chinese literals within <c>L(…)</c>, messages and tables of a screen.</summary>
    public static IEnumerable<Said> InScreen(string screen, string file)
    {
        var text = WithoutComments(screen);
        foreach (var (from, to) in Spoken(text))
        {
            var expression = SyntaxFactory.ParseExpression(text[from..to].Trim().TrimEnd(';'));
            foreach (var node in expression.DescendantNodesAndSelf())
                if (Key(node) is { } key && Chinese(key) && !Silent(node)) yield return new(key, $"{file}:{Line(text, from)}");
        }
    }

    /// <summary>Chinese in a screen that is said in Chinese to everyone.</summary>
    public static IEnumerable<string> Untranslated(string screen, string file)
    {
        var text = WithoutComments(screen);
        var spoken = Spoken(text).ToList();
        return Han().Matches(text).Where(m => !spoken.Any(s => s.From <= m.Index && m.Index < s.To))
            .Select(m => $"{file}:{Line(text, m.Index)}: {m.Value}").Distinct();
    }

    /// <summary>Texts fixed at the first reader's language: <c>L(…)</c> in what is made once for all.</summary>
    public static IEnumerable<string> FixedOnce(string code, string file)
    {
        var tree = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Preview));
        foreach (var call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>().Where(c => c.Expression is IdentifierNameSyntax { Identifier.Text: "L" } or MemberAccessExpressionSyntax { Name.Identifier.Text: "L" }))
        {
            var holder = call.Ancestors().FirstOrDefault(a => a is LambdaExpressionSyntax or FieldDeclarationSyntax or PropertyDeclarationSyntax or BaseMethodDeclarationSyntax or AttributeSyntax);
            if (holder is FieldDeclarationSyntax f && f.Modifiers.Any(SyntaxKind.StaticKeyword) || holder is PropertyDeclarationSyntax { Initializer: not null } p && p.Modifiers.Any(SyntaxKind.StaticKeyword))
                yield return $"{file}:{tree.GetLineSpan(call.Span).StartLinePosition.Line + 1}: {call}";
        }
    }

    /// <summary>The C# within <c>@code { … }</c> of a screen, made a class.</summary>
    public static string CodeOf(string screen) => screen.IndexOf("@code", StringComparison.Ordinal) is >= 0 and var at ? "class Screen " + screen[screen.IndexOf('{', at)..] : "";

    private static string? Key(SyntaxNode node) => node switch
    {
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } l => Sdk(l.Token.ValueText, escape: false),
        InterpolatedStringExpressionSyntax i => string.Concat(i.Contents.Select((c, _) => c switch
        {
            InterpolatedStringTextSyntax t => Sdk(t.TextToken.ValueText, escape: true),
            _ => $"{{{i.Contents.OfType<InterpolationSyntax>().ToList().IndexOf((InterpolationSyntax)c)}}}",
        })),
        _ => null,
    };

    /// <summary>Not said to readers of the system: forms of dates, names in templates, and what mails to people outside are made of.</summary>
    private static bool Form(string text) => text.All(c => "yMdHhms年月日时分 -/.:".Contains(c, StringComparison.Ordinal)) || text.StartsWith("{{", StringComparison.Ordinal) || text[0] is '<' or '\n';

    private static string Sdk(string text, bool escape) => escape ? text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal) : text;

    private static bool Silent(SyntaxNode node)
    {
        foreach (var a in node.AncestorsAndSelf())
            switch (a)
            {
                case InvocationExpressionSyntax call when call.ArgumentList.Span.Contains(node.Span) && SilentCalls.Contains(Name(call.Expression)):
                case BaseObjectCreationExpressionSyntax made when SilentFailures.Contains((made as ObjectCreationExpressionSyntax)?.Type.ToString() ?? ""):
                // A value of a fixed list, with its English beside it.
                case BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: [_, { Expression: var second }, { Expression: LiteralExpressionSyntax { Token.Value: string english } }] } when second == node && !Chinese(english):
                    return true;
                case AttributeArgumentSyntax { NameEquals.Name.Identifier.Text: var named } when SilentArguments.Contains(named):
                case AssignmentExpressionSyntax { Left: var left } when SilentArguments.Contains(Name(left)):
                case PatternSyntax or SwitchLabelSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression }:
                    return true;
                case SwitchExpressionArmSyntax arm when arm.Pattern.Span.Contains(node.Span):
                    return true;
                case StatementSyntax or MemberDeclarationSyntax:
                    return false;
            }
        return false;
    }

    private static string Name(ExpressionSyntax e) => e switch
    {
        MemberAccessExpressionSyntax m => m.Name.Identifier.Text,
        MemberBindingExpressionSyntax b => b.Name.Identifier.Text,
        IdentifierNameSyntax i => i.Identifier.Text,
        _ => "",
    };

    /// <summary>Where a screen speaks by the platform: L(…), messages that are said in the reader's language, tables of constants that L is applied to.</summary>
    private static IEnumerable<(int From, int To)> Spoken(string text)
    {
        foreach (Match m in Speaks().Matches(text))
            yield return (m.Index, End(text, text.IndexOf('(', m.Index)));
        foreach (Match m in Constants().Matches(text))
            yield return (text.IndexOf('=', m.Index) + 1, text.IndexOf(';', m.Index));
    }

    /// <summary>Behind the bracket that closes the one at <paramref name="open"/>; brackets in texts don't count.</summary>
    private static int End(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                var holes = 0;
                var interpolated = text[i - 1] == '$';
                for (i++; i < text.Length && (text[i] != '"' || holes > 0); i++)
                    if (text[i] == '\\') i++;
                    else if (interpolated && text[i] == '{') holes++;
                    else if (interpolated && text[i] == '}') holes--;
            }
            else if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i + 1;
        }
        return text.Length;
    }

    /// <summary>Blanked, so that lines keep their numbers.</summary>
    private static string WithoutComments(string screen) => Comments().Replace(screen, m => m.Groups["keep"].Success ? m.Value : new string([.. m.Value.Select(c => c == '\n' ? c : ' ')]));

    private static int Line(string text, int at) => text.AsSpan(0, at).Count('\n') + 1;

    [GeneratedRegex(@"[\u3400-\u9fff][\u3400-\u9fff\u3000-\u303f\uff00-\uffef “”…]*")]
    private static partial Regex Han();

    [GeneratedRegex(@"(?<![\w.])(Texts\.)?L\(|\bnew (RuleBroken|Invalid|FieldError|NotFound)\(")]
    private static partial Regex Speaks();

    [GeneratedRegex(@"\b(static readonly|const) [^=;\n]*=")]
    private static partial Regex Constants();

    [GeneratedRegex(@"@\*.*?\*@|<!--.*?-->|/\*.*?\*/|(?<keep>https?:)//|(?<=^|[\s;{}])//[^\n]*", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Comments();
}
