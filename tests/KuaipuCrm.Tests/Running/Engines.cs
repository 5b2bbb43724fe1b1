using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace KuaipuCrm.Tests.Running;

/// <summary>The database engines: SQLite always, the servers where an address is given.</summary>
public static class Engines
{
    public const string Sqlite = "sqlite", Postgres = "postgres", SqlServer = "sqlserver";

    /// <summary>SQL Server's dialect written down and carried out on SQLite; not among those the tests run on.</summary>
    public const string SqlServerOnSqlite = "sqlserver-on-sqlite";

    public static readonly string[] All = [Sqlite, Postgres, SqlServer];

    public static string? Address(string engine) => engine switch
    {
        Postgres => Environment.GetEnvironmentVariable("KUAIPU_TEST_POSTGRES"),
        SqlServer => Environment.GetEnvironmentVariable("KUAIPU_TEST_SQLSERVER"),
        _ => null,
    } is { Length: > 0 } address ? address : null;

    /// <summary>Why a host may have said that its database is not there.</summary>
    public static string Health()
    {
        if (Address(Postgres) is not { } address) return "";
        try
        {
            using var c = new Npgsql.NpgsqlConnection(address + ";Pooling=false");
            c.Open();
            using var count = new Npgsql.NpgsqlCommand("select count(*) from pg_stat_activity", c);
            return $"\nPostgreSQL answers; {count.ExecuteScalar()} sessions.";
        }
        catch (Exception e)
        {
            return $"\nPostgreSQL: {e}";
        }
    }

    public static bool IsThere(string engine) => engine == Sqlite || Address(engine) is not null;
}

/// <summary>Runs the test once on every engine that is there; those that are not are named once, by <see cref="EnginesThatAreThere"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEveryEngineAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Engines.All.Where(Engines.IsThere).Select(e => new TheoryDataRow(e))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}

public class EnginesThatAreThere
{
    [Theory, Trait("req", "OPS-2")]
    [InlineData(Engines.Sqlite, "")]
    [InlineData(Engines.Postgres, "KUAIPU_TEST_POSTGRES")]
    [InlineData(Engines.SqlServer, "KUAIPU_TEST_SQLSERVER")]
    public async Task The_tests_run_on(string engine, string variable)
    {
        Assert.SkipUnless(Engines.IsThere(engine), $"{engine}: no server given in {variable}; none of the tests ran on it.");
        var crm = await Crm.Shared(engine);
        Assert.Equal(200, (int)(await crm.Admin.Get("/api/customers/customers?take=1")).Status);
    }
}
