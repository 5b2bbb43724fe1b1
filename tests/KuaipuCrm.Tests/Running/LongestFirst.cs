using KuaipuCrm.Tests.Running;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace KuaipuCrm.Tests.Running;

/// <summary>What takes minutes begins first and ends among the others, instead of running on alone after them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        nameof(Statements.StatementsOnSqlServer), nameof(Api.Contract), nameof(Platform.ImportingKilled), nameof(Transfer.BackingUp), nameof(Transfer.Moving), nameof(Events.Killing), nameof(Events.KillingMail),
        nameof(Api.GeneratedClient), nameof(Attacks.EndpointMatrix), nameof(Platform.Lists), nameof(Platform.Importing), nameof(CustomFields.AddingFields), nameof(Attacks.Trouble),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections) where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => Array.FindIndex(Long, name => c.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)) is >= 0 and var i ? i : Long.Length)];
}
