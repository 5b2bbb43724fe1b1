using System.Reflection;
using KuaipuCrm.Sdk;
using Xunit;

namespace KuaipuCrm.Tests.Architecture;

/// <summary>The arrows of the house, read from the compiled files.</summary>
public class ModulesAreStrangers
{
    private static readonly string[] Ten = ["contracts", "customers", "expenses", "leads", "marketing", "opportunities", "quotes", "settings", "targets", "tracking"];

    public static TheoryData<string> Modules => [.. CompiledFile.Modules.Select(m => m.Name)];

    [Fact, Trait("req", "PLG-5")]
    public void All_ten_modules_are_found_by_the_one_mechanism() =>
        Assert.Empty(Ten.Except(Rules.Catalog().Modules.Select(m => m.Id)));

    [Theory, MemberData(nameof(Modules)), Trait("req", "EVT-1")]
    public void A_module_refers_to_the_sdk_the_published_language_and_the_framework_only(string module) => Assert.Empty(Rules.ForeignReferences(CompiledFile.Named(module)));

    [Theory, MemberData(nameof(Modules)), Trait("req", "EVT-1")]
    public void A_module_opens_no_connection_and_no_container_of_its_own(string module) => Assert.Empty(Rules.OwnWays(CompiledFile.Named(module)));

    [Theory, MemberData(nameof(Modules)), Trait("req", "EVT-1")]
    public void A_module_names_tables_of_its_own_schema_only(string module) =>
        Assert.Empty(Rules.ForeignTables(CompiledFile.Named(module), CompiledFile.Modules.Select(m => m.Id!)));

    [Theory, MemberData(nameof(Modules)), Trait("req", "EVT-2")]
    public void Events_go_through_the_outbox_not_straight_through_the_mediator(string module) => Assert.Empty(Rules.StraightPublishing(CompiledFile.Named(module)));

    [Theory, MemberData(nameof(Modules))]
    public void Time_comes_from_the_clock(string module) => Assert.Empty(Rules.OwnClocks(CompiledFile.Named(module)));

    [Theory, MemberData(nameof(Modules)), Trait("req", "SEC-1")]
    public void What_a_module_offers_is_guarded_by_a_permission_that_someone_can_be_given(string module)
    {
        var catalog = Rules.Catalog();
        var id = CompiledFile.Named(module).Id;
        var found = catalog.Modules.Single(m => m.Id == id);
        Assert.Empty(Rules.UndeclaredPermissions(found.Assembly, found.Definition, catalog.Permissions));
    }

    [Theory, MemberData(nameof(Modules))]
    public void Every_command_and_query_has_one_handler_that_nobody_calls_past_the_pipeline(string module) => Assert.Empty(Rules.BadHandlers(CompiledFile.Named(module).Assembly));

    [Fact, Trait("req", "EVT-1")]
    public void What_is_published_are_records_of_plain_values() => Assert.Empty(Rules.NotPlain(CompiledFile.Named("KuaipuCrm.Published").Assembly.GetExportedTypes()));

    [Theory]
    [InlineData("KuaipuCrm.Host")]
    [InlineData("KuaipuCrm.Platform")]
    [InlineData("KuaipuCrm.Web")]
    [InlineData("KuaipuCrm.Sdk")]
    [InlineData("KuaipuCrm.Published")]
    public void The_house_names_no_module(string name)
    {
        var file = CompiledFile.Named(name);
        var modules = CompiledFile.Modules.Select(m => m.Name).ToHashSet();
        Assert.DoesNotContain(file.References, modules.Contains);
        Assert.DoesNotContain(file.Literals, l => modules.Any(m => l.Contains(m, StringComparison.Ordinal)) || Ten.Any(id => l.StartsWith($"/api/{id}/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("KuaipuCrm.Sdk", "KuaipuCrm.Platform,KuaipuCrm.Web,KuaipuCrm.Host,Dapper,Autofac")]
    [InlineData("KuaipuCrm.Published", "KuaipuCrm.Platform,KuaipuCrm.Web,KuaipuCrm.Host,Dapper,Autofac")]
    [InlineData("KuaipuCrm.Web", "KuaipuCrm.Platform,KuaipuCrm.Host,Dapper,Autofac")]
    [InlineData("KuaipuCrm.Platform", "KuaipuCrm.Host")]
    public void Arrows_of_the_building_blocks_go_one_way(string name, string forbidden) => Assert.Empty(CompiledFile.Named(name).References.Intersect(forbidden.Split(',')));

    [Fact]
    public void Every_table_of_a_module_lies_in_its_own_schema()
    {
        foreach (var module in CompiledFile.Modules)
            Assert.All(Rules.Catalog().Modules.Single(m => m.Id == module.Id).Documents, d => Assert.StartsWith(module.Id + ".", d.Table));
    }

    [Fact]
    public void Every_document_action_stands_on_a_type_that_exists()
    {
        var types = Rules.Catalog().Documents.Select(d => d.Type).ToHashSet();
        var on = CompiledFile.Modules.SelectMany(m => m.Assembly.GetTypes()).Select(t => t.GetCustomAttribute<ActionAttribute>()?.On).OfType<string>();
        Assert.Empty(on.Except(types));
    }
}
