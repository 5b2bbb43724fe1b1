using System.Net;
using System.Reflection;
using KuaipuCrm.Tests.Running;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;
using Xunit;

namespace KuaipuCrm.Tests.Api;

/// <summary>A client made by a common generator from our description compiles, and works against the host (API-1).</summary>
[Trait("size", "large")]
public class GeneratedClient
{
    private const string Uses = """
        public static class Uses
        {
            public static async System.Threading.Tasks.Task<string> Run(System.Net.Http.HttpClient http, string name)
            {
                var crm = new Crm.CrmClient(http);
                var made = await crm.CreateCustomerAsync(body: new Crm.CustomerNew { Name = name, Level = "A" });
                var read = await crm.GetCustomerAsync(id: made.Id);
                if (read.Name != name || read.Level != "A" || read.Version != 1) return "read";
                var page = await crm.ListCustomerAsync(text: name, take: 10, columns: "name,level");
                if (page.Items.Count != 1 || System.Linq.Enumerable.First(page.Items).Name != name) return "list";
                var changed = await crm.ChangeCustomerAsync(id: made.Id, if_Match: "\"1\"", body: new Crm.CustomerChange { Address = "深圳" });
                if (changed.Version != 2) return "change";
                try
                {
                    await crm.ChangeCustomerAsync(id: made.Id, if_Match: "\"1\"", body: new Crm.CustomerChange { Address = "上海" });
                    return "the stale change was carried out";
                }
                catch (Crm.ApiException<Crm.Problem> e) when (e.StatusCode == 412 && e.Result.CurrentVersion == 2)
                {
                }
                var bulk = await crm.BulkCustomerAsync(body: new Crm.CustomerBulk { Rows = new[] { new Crm.CustomerBulkRow { Id = made.Id, Version = 2, Remarks = "批量" } } });
                if (bulk.Saved != 1) return "bulk";
                await crm.DeleteCustomerAsync(id: made.Id, if_Match: "\"3\"");
                try
                {
                    await crm.GetCustomerAsync(id: 999999999);
                    return "found";
                }
                catch (Crm.ApiException<Crm.Problem> e) when (e.StatusCode == 404)
                {
                    return e.Result.Detail;
                }
            }
        }
        """;

    [Theory, OnEveryEngine, Trait("req", "API-1")]
    public async Task It_creates_reads_lists_changes_meets_a_conflict_and_deletes(string engine)
    {
        // Of its own: tests that try wrong tokens out come from the same address.
        await using var crm = await Crm.Start(engine);
        var code = await Generate((await crm.Admin.Get("/openapi/customers.json")).Ok().Text);
        var assembly = Compile(code);
        var secret = (await crm.Admin.Post("/api/platform/me/tokens", new { name = "客户端", scopes = new[] { "customers" } })).Ok().Json.GetProperty("secret").GetString()!;
        var said = await (Task<string>)assembly.GetType("Uses")!.GetMethod("Run")!.Invoke(null, [crm.Program(secret).Http, Crm.Name("客户端")])!;
        Assert.Equal("客户不存在，或您无权查看。", said);
    }

    private static async Task<string> Generate(string description)
    {
        var document = await OpenApiDocument.FromJsonAsync(description);
        var settings = new CSharpClientGeneratorSettings { ClassName = "CrmClient", UseBaseUrl = false, OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(), GenerateOptionalParameters = true };
        settings.CSharpGeneratorSettings.Namespace = "Crm";
        // What is left out must not be sent as null: a change would empty the field.
        settings.CSharpGeneratorSettings.JsonLibrary = NJsonSchema.CodeGeneration.CSharp.CSharpJsonLibrary.NewtonsoftJson;
        settings.CSharpGeneratorSettings.GenerateOptionalPropertiesAsNullable = true;
        return new CSharpClientGenerator(document, settings).GenerateFile();
    }

    private static Assembly Compile(string code)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(f => Path.GetFileName(f) is var n && (n.StartsWith("System.", StringComparison.Ordinal) || n is "netstandard.dll" or "mscorlib.dll" or "Newtonsoft.Json.dll"));
        var compilation = CSharpCompilation.Create("generated", [CSharpSyntaxTree.ParseText(code), CSharpSyntaxTree.ParseText(Uses)], references.Select(r => MetadataReference.CreateFromFile(r)), new(OutputKind.DynamicallyLinkedLibrary));
        using var output = new MemoryStream();
        var result = compilation.Emit(output);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(20)));
        return Assembly.Load(output.ToArray());
    }
}
