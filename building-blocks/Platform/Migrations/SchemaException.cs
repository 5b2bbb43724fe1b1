namespace KuaipuCrm.Platform.Migrations;

/// <summary>The database can't be brought to what the program needs; the message tells the administrator why and what to do.</summary>
public sealed class SchemaException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
