using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>What runs by the clock, and how it went; kept here because the clock's own memory may be lost.</summary>
[Migration(20, "jobs")]
public sealed class V020_Jobs : SchemaStep
{
    public override void Up()
    {
        var job = CreateTable("platform.job");
        job.Text("name", 100).NotNullable().PrimaryKey();
        job.Flag("paused").NotNullable();
        job.Text("state", 12).NotNullable();
        job.Instant("started_at").Nullable();
        job.Instant("seen_at").Nullable();
        job.Instant("ended_at").Nullable();
        job.Text("result", 500).Nullable();
    }
}
