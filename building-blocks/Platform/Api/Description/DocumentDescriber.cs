using System.Text.Json.Nodes;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>Describes the endpoints every document type has, from its declaration.</summary>
internal sealed class DocumentDescriber(FieldShapes shapes)
{
    public void Describe(OpenApiOperation o, DocumentOperation on, OpenApiDocument document)
    {
        var (d, verb, name) = (on.Definition, on.Verb, on.Definition.Label);
        var (summary, words, right) = Words(name, verb);
        (o.Summary, o.Description) = (summary, $"{words}\n\n权限：{(right is null ? "登录即可，回答只含可见的行" : $"`{d.Permission(right)}`（{name}：{ModuleCatalog.RightLabels[right]}）")}{(verb == DocumentVerb.Bulk ? $"，修改的行要 `{d.Permission(DocumentRight.Update)}`" : "")}。");
        switch (verb)
        {
            case DocumentVerb.List:
                Parameters(o, ListParameters.Of(d, paged: true));
                Answer(o, 200, "一页", shapes.Page(d, document));
                break;
            case DocumentVerb.Count or DocumentVerb.Totals: Parameters(o, ListParameters.Of(d, paged: false)); break;
            case DocumentVerb.Export:
                Parameters(o, [.. ListParameters.Of(d, paged: false), ListParameters.Query("sort", Shape.Text(), "按哪个字段排序，同列表"), ListParameters.Query("format", Shape.OneOf("xlsx", "csv"), "文件格式，默认 xlsx"),
                    ListParameters.Query("ids", Shape.Text().Like("1024,1025"), "只导出这些编号，逗号分隔"), ListParameters.Query("request", Shape.Text(), "以 JSON 给出的查询条件，代替其他参数"), ListParameters.Query("unmask", Shape.Flag(), "true 导出完整内容，须有权，并逐行记录")]);
                Answer(o, 200, "文件", null, FileEndpoints.Excel, "text/csv");
                break;
            case DocumentVerb.Print:
                o.Parameters!.Clear();
                o.Parameters.Add(new OpenApiParameter { Name = "id", In = ParameterLocation.Path, Required = true, Schema = Shape.Id(), Description = "单据的编号" });
                o.Parameters.Add(ListParameters.Query("tabs", Shape.Text(), "一并打印的关联页签的名称，逗号分隔"));
                o.Parameters.Add(ListParameters.Query("template", Shape.Id(), "用这个打印模板（套打），代替全部内容"));
                Answer(o, 200, "供打印的页面", null, PrintEndpoints.Html);
                break;
            case DocumentVerb.PrintList:
                Parameters(o, [.. ListParameters.Of(d, paged: false), ListParameters.Query("sort", Shape.Text(), "按哪个字段排序，同列表"), ListParameters.Query("request", Shape.Text(), "以 JSON 给出的查询条件，代替其他参数")]);
                Answer(o, 200, "供打印的页面", null, PrintEndpoints.Html);
                break;
            case DocumentVerb.Get:
                o.Parameters!.Add(new OpenApiParameter { Name = "If-None-Match", In = ParameterLocation.Header, Schema = Shape.Text(), Description = "上次的 ETag：没有变化时回答 304，不带内容" });
                Answer(o, 200, "一份", shapes.Whole(d, document)).Headers!["ETag"] = new OpenApiHeader { Description = "版本与内容的标签，用于 If-Match 与 If-None-Match", Schema = Shape.Text() };
                o.Responses!["304"] = new OpenApiResponse { Description = "没有变化" };
                break;
            case DocumentVerb.Create:
                Body(o, shapes.New(d, document));
                o.Responses!.Remove("200");
                Answer(o, 201, "已新建", new OpenApiSchemaReference("Saved", document)).Headers!["Location"] = new OpenApiHeader { Description = "新单据的地址", Schema = Shape.Text() };
                break;
            case DocumentVerb.Change: Body(o, shapes.Change(d, document)); break;
            case DocumentVerb.ChangeMany: Body(o, Chosen(document, name, FieldShapes.Name(d) + "BatchChange", shapes.Batch(d, document))); break;
            case DocumentVerb.DeleteMany or DocumentVerb.Restore or DocumentVerb.Purge: Body(o, Chosen(document, name, "ChosenRows", null)); break;
            case DocumentVerb.StartImport:
                Body(o, Shape.Record(new()
                {
                    ["file"] = Shape.Text().Says("上传时得到的 file"),
                    ["sheet"] = Shape.Whole(0).Says("第几个工作表，从 0 起"),
                    ["columns"] = new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Shape.Text(), Description = "第几列（从 0 起）到字段的名称", Examples = [new JsonObject { ["0"] = d.Title.Name }] },
                    ["updateKey"] = Shape.Text().OrNull().Says($"按哪个字段更新已有的：{string.Join("、", d.UpdateKeys)}；不给则已有的算重复"),
                    ["mode"] = Shape.OneOf("DryRun", "GoodRows", "AllOrNothing").Says("DryRun（默认）只检查；GoodRows 导入正确的行；AllOrNothing 有一行不对就都不导入"),
                }, ["file", "columns"]).In(document, "ImportRequest" + FieldShapes.Name(d)));
                break;
            case DocumentVerb.Bulk:
                Body(o, Shape.Record(new()
                {
                    ["mode"] = Shape.OneOf("all", "good").OrNull().Says("all（默认）：有一行不对就都不保存；good：只保存正确的行"),
                    ["rows"] = Shape.List(shapes.BulkRow(d, document), 1000).Says("最多 1,000 行"),
                }, ["rows"]).In(document, FieldShapes.Name(d) + "Bulk"));
                break;
        }
        if (verb is DocumentVerb.Delete) Answer(o, 200, "已删除", new OpenApiSchemaReference("BatchResult", document));
        var body = o.RequestBody is not null;
        ProblemAnswers.Add(o, document, verb is DocumentVerb.Get or DocumentVerb.Print ? [400, 401, 403, 404, 429, 503] : [400, 401, 403, 429, 503]);
        if (o.Parameters?.Any(p => p.In == ParameterLocation.Path) == true || verb == DocumentVerb.StartImport) ProblemAnswers.Add(o, document, 404);
        if (body || verb == DocumentVerb.Delete) ProblemAnswers.Add(o, document, 409, 422);
        if (body) ProblemAnswers.Add(o, document, 413, 415);
        if (verb is DocumentVerb.Change or DocumentVerb.Delete) ProblemAnswers.Add(o, document, 412);
        if (verb is DocumentVerb.UploadImport or DocumentVerb.InspectImport) ProblemAnswers.Add(o, document, 422);
    }

    private static (string Summary, string Words, string? Right) Words(string name, DocumentVerb verb) => verb switch
    {
        DocumentVerb.List => ($"{name}列表", $"一页{name}，只含可见的行。{ListParameters.Words}\n\n逐页取时用回答中的 next 作 cursor。要完整取回，请用 sort=createdAt：其间有新增或修改也不重复、不遗漏；默认按修改时间排列，其间被修改的行会移到前面已取过的地方。", DocumentRight.Read),
        DocumentVerb.Count => ($"{name}数量", $"符合条件的{name}有多少，最多数到 10,000；more 表示还有更多。参数与列表相同。", DocumentRight.Read),
        DocumentVerb.Totals => ($"{name}合计", $"符合条件的{name}的金额等字段各自的合计。参数与列表相同。", DocumentRight.Read),
        DocumentVerb.Get => ($"一份{name}", "所有字段的值，引用的单据附名称（字段名加 Name）。ETag 给出版本，修改时放进 If-Match。查看掩码字段的人会记入历史。", DocumentRight.Read),
        DocumentVerb.Create => ($"新建{name}", "没有给出的字段取默认值。有提醒（如可能重复）时回答 409，把 warnings 中的 code 放进 confirmed 再发即可。", DocumentRight.Create),
        DocumentVerb.Change => ($"修改{name}", "只改给出的字段。须用 If-Match（ETag，过时则 412）或内容中的 version（过时则 409）给出所见的版本；If-Match: * 不论现在是什么版本都修改，没有这一份是 404；两者都不给是 400。", DocumentRight.Update),
        DocumentVerb.Delete => ($"删除{name}", "移到回收站，可以恢复。给出 If-Match 时，其后被改过的不删除（412）；* 为现有的任何版本。", DocumentRight.Delete),
        DocumentVerb.History => ($"{name}的历史", "谁在何时何处把什么从什么改成什么，新的在前；before 给出上一页最后一条的编号。", DocumentRight.Read),
        DocumentVerb.Bulk => ($"批量保存{name}", "新建和修改最多 1,000 行，逐行给出结果；是一次批量操作，可整体撤销（POST /api/platform/operations/{id}/undo）。mode=all 有错时回答 422，rows 给出每一行的结果，什么也不保存。", DocumentRight.Create),
        DocumentVerb.DeleteMany => ($"批量删除{name}", "移到回收站；做不到的行在 problems 中说明。是一次批量操作，可整体撤销。", DocumentRight.Delete),
        DocumentVerb.Restore => ($"恢复{name}", "从回收站恢复；做不到的行在 problems 中说明。", DocumentRight.Restore),
        DocumentVerb.Purge => ($"彻底删除{name}", "把回收站中的彻底删除，不能撤销，历史中留下记录。", DocumentRight.Purge),
        DocumentVerb.ChangeMany => ($"批量修改{name}", "把同样的值设给许多行；做不到的行在 problems 中说明。是一次批量操作，可整体撤销。", DocumentRight.Batch),
        DocumentVerb.Choices => ($"选择{name}", "供表单选用：按名称、编号、拼音首字母查找，最多 20 条。", null),
        DocumentVerb.Export => ($"导出{name}", "与列表相同的筛选、范围与掩码，写成 Excel 或 CSV 文件；每次导出都有记录。", DocumentRight.Export),
        DocumentVerb.Print => ($"打印{name}", "全部内容与所选的关联列表，排成供打印的页面（HTML）。", DocumentRight.Read),
        DocumentVerb.PrintList => ($"打印{name}列表", $"符合条件的{name}，最多 {Printing.Printer.MostRows:N0} 条，排成供打印的页面（HTML）；与导出一样有记录。", DocumentRight.Export),
        DocumentVerb.UploadImport => ($"上传{name}文件", "请求的内容就是文件本身（Excel，或 UTF-8、GBK 的 CSV）。回答中的 file 用于下一步。", DocumentRight.Import),
        DocumentVerb.InspectImport => ($"查看上传的{name}文件", "文件的列，以及对应字段的建议。", DocumentRight.Import),
        DocumentVerb.StartImport => ($"导入{name}", "DryRun 只检查；GoodRows 导入正确的行；AllOrNothing 有一行不对就都不导入。在后台进行，回答是操作的编号。", DocumentRight.Import),
        _ => ($"{name}导入的进度", "进度、每一类问题有多少、出错的行；完成后可下载错误文件，可整体撤销。", DocumentRight.Import),
    };

    private static OpenApiSchemaReference Chosen(OpenApiDocument document, string name, string component, IOpenApiSchema? values)
    {
        var row = Shape.Record(new() { ["id"] = Shape.Id(), ["version"] = Shape.Id().Says("所见的版本；0 或不给表示不论版本") }, ["id"]).In(document, "ChosenRow");
        var properties = new Dictionary<string, IOpenApiSchema> { ["items"] = Shape.List(row, 5000).OrNull().Says("要处理的行"), ["ids"] = Shape.List(Shape.Id(), 5000).OrNull().Says("或只给编号") };
        if (values is not null) properties["values"] = values;
        return Shape.Record(properties, values is null ? [] : ["values"]).Says(values is null ? "要处理的行" : $"要修改的{name}和要设的值").Like(values is null ? new JsonObject { ["ids"] = new JsonArray(1024) } : null).In(document, component);
    }

    private static void Parameters(OpenApiOperation o, IEnumerable<OpenApiParameter> parameters) => o.Parameters = [.. parameters];

    private static void Body(OpenApiOperation o, IOpenApiSchema schema) =>
        o.RequestBody = new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = Shape.Json(schema) } };

    internal static OpenApiResponse Answer(OpenApiOperation o, int status, string words, IOpenApiSchema? schema, params string[] types)
    {
        var response = new OpenApiResponse
        {
            Description = words,
            Headers = new Dictionary<string, IOpenApiHeader>(),
            Content = schema is not null ? new Dictionary<string, OpenApiMediaType> { ["application/json"] = Shape.Json(schema) }
                : types.ToDictionary(t => t, _ => (OpenApiMediaType)new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } }),
        };
        o.Responses ??= [];
        o.Responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        return response;
    }
}
