using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Api;

/// <summary>What an endpoint does with documents of a type; from this the API's description is made.</summary>
internal enum DocumentVerb
{
    List,
    Count,
    Totals,
    Get,
    Create,
    Change,
    Delete,
    History,
    DeleteMany,
    Restore,
    Purge,
    ChangeMany,
    Bulk,
    Choices,
    Export,
    UploadImport,
    InspectImport,
    StartImport,
    GetImport,
}

/// <summary>Stands on each endpoint of a document type.</summary>
internal sealed record DocumentOperation(DocumentDefinition Definition, DocumentVerb Verb);

/// <summary>Stands on each endpoint of a message.</summary>
internal sealed record MessageOperation(Type Message, ActionAttribute Action);
