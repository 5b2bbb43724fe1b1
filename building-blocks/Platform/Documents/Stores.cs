using Autofac;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>The store of a document type, in this scope.</summary>
internal sealed class Stores(ILifetimeScope scope)
{
    public IDocumentStore Of(DocumentDefinition d) => (IDocumentStore)scope.Resolve(typeof(DocumentStore<>).MakeGenericType(d.Class));
}
