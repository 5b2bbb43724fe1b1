using KuaipuCrm.Sdk;
using Xunit;

namespace KuaipuCrm.Tests.Architecture;

/// <summary>A rule that never fails guards nothing: each is held against this assembly, where <see cref="Planted"/> breaks it.</summary>
public class TheRulesBite
{
    private static readonly CompiledFile Here = CompiledFile.Named("KuaipuCrm.Tests");
    private static readonly string[] Schemas = ["customers", "settings"];

    [Fact]
    public void A_reference_to_the_platform_is_found() => Assert.Contains("KuaipuCrm.Platform", Rules.ForeignReferences(Here));

    [Fact]
    public void A_connection_and_the_web_request_are_found()
    {
        Assert.Contains("System.Data.Common", Rules.OwnWays(Here));
        Assert.Contains("Microsoft.AspNetCore.Http.HttpContext", Rules.OwnWays(Here));
    }

    [Fact]
    public void Another_modules_tables_are_found_in_statements_and_by_name()
    {
        Assert.Contains(Planted.Foreign, Rules.ForeignTables(Here, Schemas));
        Assert.Contains(Planted.ForeignTable, Rules.ForeignTables(Here, Schemas));
    }

    [Fact]
    public void Publishing_past_the_outbox_is_found() => Assert.NotEmpty(Rules.StraightPublishing(Here));

    [Fact]
    public void A_clock_of_its_own_is_found() => Assert.Contains("System.DateTime.get_Now", Rules.OwnClocks(Here));

    [Fact]
    public void A_permission_nobody_declares_is_found() =>
        Assert.Contains("customers.nobody.declared", Rules.UndeclaredPermissions(Here.Assembly, new ModuleDefinition(), Rules.Catalog().Permissions));

    [Fact]
    public void A_request_without_a_handler_and_a_public_handler_are_found()
    {
        var wrong = Rules.BadHandlers(Here.Assembly).ToList();
        Assert.Contains("Planted has 0 handlers", wrong);
        Assert.Contains("PlantedHandler is public", wrong);
    }

    [Fact]
    public void Published_types_with_more_than_plain_values_are_found()
    {
        var wrong = Rules.NotPlain([typeof(PlantedEvent), typeof(PlantedRecord)]).ToList();
        Assert.Contains("PlantedEvent is no record", wrong);
        Assert.Contains("PlantedRecord.NotPlain is Stream", wrong);
    }
}
