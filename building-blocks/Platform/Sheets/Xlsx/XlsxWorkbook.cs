namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>What the workbook part says: its sheets, its day 0, and where the other parts are.</summary>
internal sealed record XlsxWorkbook(IReadOnlyList<(string Name, string Part)> Sheets, bool From1904, string? Strings, string? Styles)
{
    private const int MaxSheets = 1_000;

    /// <exception cref="SheetException">The package is no workbook.</exception>
    public static XlsxWorkbook Read(XlsxPackage package)
    {
        if (!package.Has("_rels/.rels") || !package.Has("[Content_Types].xml"))
            throw new SheetException(package.Has("mimetype")
                ? "这是 OpenDocument 文件（.ods 等）。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"
                : "这是压缩包，不是表格。请解压后上传其中的 .xlsx 或 .csv 文件。");
        var main = Relations(package, "_rels/.rels", "").Values.FirstOrDefault(r => r.Kind == "officeDocument").Part ?? throw SheetException.Damaged();
        if (main.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))
            throw new SheetException("这是二进制工作簿（.xlsb）。请在 Excel 中另存为 .xlsx 再上传。");

        var slash = main.LastIndexOf('/') + 1;
        var relationsPart = $"{main[..slash]}_rels/{main[slash..]}.rels";
        var relations = package.Has(relationsPart) ? Relations(package, relationsPart, main[..slash]) : [];
        var sheets = new List<(string Name, string Part, bool Hidden)>();
        var from1904 = false;
        using (var part = package.Open(main, default))
        {
            var first = true;
            while (part.Read())
            {
                if (!part.IsStart) continue;
                var xml = part.Xml;
                if (first && xml.LocalName != "workbook") throw NoWorkbook(xml.LocalName);
                first = false;
                if (xml.LocalName == "workbookPr") from1904 = xml.GetAttribute("date1904") is "1" or "true" or "on";
                if (xml.LocalName != "sheet") continue;
                // Chart and dialog sheets have no rows.
                if (relations.TryGetValue(RelationId(xml), out var target) && target.Kind == "worksheet")
                    sheets.Add((xml.GetAttribute("name") ?? "", target.Part, xml.GetAttribute("state") is "hidden" or "veryHidden"));
                if (sheets.Count > MaxSheets) throw SheetException.Damaged();
            }
        }
        if (sheets.Count == 0) throw new SheetException("工作簿里没有工作表。");
        if (!sheets.TrueForAll(s => s.Hidden)) sheets.RemoveAll(s => s.Hidden);
        return new([.. sheets.Select(s => (s.Name, s.Part))], from1904, PartOf("sharedStrings"), PartOf("styles"));

        string? PartOf(string kind) => relations.Values.Where(r => r.Kind == kind && package.Has(r.Part)).Select(r => r.Part).FirstOrDefault();
    }

    /// <summary>The id attribute whatever its prefix and (transitional or strict) namespace.</summary>
    private static string RelationId(System.Xml.XmlReader xml)
    {
        var id = "";
        while (xml.MoveToNextAttribute())
            if (xml.LocalName == "id" && xml.NamespaceURI.EndsWith("/relationships", StringComparison.Ordinal))
                id = xml.Value;
        xml.MoveToElement();
        return id;
    }

    private static Dictionary<string, (string Kind, string Part)> Relations(XlsxPackage package, string name, string folder)
    {
        var relations = new Dictionary<string, (string Kind, string Part)>();
        using var part = package.Open(name, default);
        while (part.Read())
        {
            var xml = part.Xml;
            if (!part.IsStart || xml.LocalName != "Relationship" || xml.GetAttribute("TargetMode") == "External") continue;
            if (xml.GetAttribute("Id") is { } id && xml.GetAttribute("Type") is { } type && xml.GetAttribute("Target") is { } target)
                relations[id] = (type[(type.LastIndexOf('/') + 1)..], Resolve(folder, target));
            if (relations.Count > 10 * MaxSheets) throw SheetException.Damaged();
        }
        return relations;
    }

    /// <summary>A name inside the package; it never names a file of this machine.</summary>
    private static string Resolve(string folder, string target)
    {
        var path = new List<string>();
        foreach (var step in (target.StartsWith('/') ? target : folder + target).Replace('\\', '/').Split('/'))
        {
            if (step is "" or ".") continue;
            if (step != "..") path.Add(step);
            else if (path.Count > 0) path.RemoveAt(path.Count - 1);
        }
        return string.Join('/', path);
    }

    private static SheetException NoWorkbook(string root) => root switch
    {
        "document" => new("这是 Word 文档，不是表格。请上传 .xlsx 或 .csv 文件。"),
        "presentation" => new("这是演示文稿，不是表格。请上传 .xlsx 或 .csv 文件。"),
        _ => SheetException.Damaged(),
    };
}
