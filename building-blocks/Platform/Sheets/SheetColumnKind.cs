namespace KuaipuCrm.Platform.Sheets;

/// <summary>How a written column shows its values.</summary>
public enum SheetColumnKind
{
    /// <summary>Text always, also if it looks like a number or a formula.</summary>
    Text,

    /// <summary>A number as it is.</summary>
    Number,

    /// <summary>A number with thousands and two decimals.</summary>
    Money,

    /// <summary>A day, yyyy-MM-dd.</summary>
    Date,

    /// <summary>A moment, yyyy-MM-dd HH:mm:ss, in the zone the caller has turned it to.</summary>
    DateTime,
}
