using KuaipuCrm.Tests.Plugins;

namespace KuaipuCrm.Tests.Events;

/// <summary>A module that counts: each command makes one row and one event, two handlers add one each. Doubling and losing would show, and so would a change of order.</summary>
internal static class Counting
{
    public const string Path = "/api/counting/count";

    public static string Folder() => new PluginFolder().Module("counting", "module.Jobs.Add(new(\"tick\", \"数一下\", typeof(Tick), \"0 4 * * *\"));", """
        public sealed record Counted(long DocumentId, long N) : IIntegrationEvent;
        [Action("数", "", Route = "count")] public sealed record Count(long N, long Document) : ICommand<Done>;
        internal sealed class CountHandler(IDb db, IEvents events) : ICommandHandler<Count, Done>
        {
            public async Task<Done> Handle(Count c, CancellationToken ct)
            {
                await db.Insert("counting.counted", new[] { "n", "first", "second" }, new[] { new object[] { c.N, 0L, 0L } }, ct);
                events.Publish(new Counted(c.Document, c.N));
                return default;
            }
        }
        internal sealed class First(IDb db) : IEventHandler<Counted> { public async Task Handle(Counted e, CancellationToken ct) { await db.Execute($"update counting.counted set first = first + 1 where n = {e.N}", ct); await db.Insert("counting.heard", new[] { "document_id", "n" }, new[] { new object[] { e.DocumentId, e.N } }, ct); } }
        internal sealed class Second(IDb db) : IEventHandler<Counted>
        {
            public async Task Handle(Counted e, CancellationToken ct)
            {
                await db.Execute($"update counting.counted set second = second + 1 where n = {e.N}", ct);
                if (e.N < 0 && await db.First<long>($"select count(*) from counting.allowed where n = {e.N}", ct) == 0) throw new RuleBroken("还不行");
            }
        }
        [Action("允许", "", Route = "allow")] public sealed record Allow(long N) : ICommand<Done>;
        internal sealed class AllowHandler(IDb db) : ICommandHandler<Allow, Done> { public async Task<Done> Handle(Allow c, CancellationToken ct) { await db.Insert("counting.allowed", new[] { "n" }, new[] { new object[] { c.N } }, ct); return default; } }
        public sealed record Tick : ICommand<Done>;
        internal sealed class TickHandler(IDb db) : ICommandHandler<Tick, Done> { public async Task<Done> Handle(Tick c, CancellationToken ct) { await db.Execute($"update counting.ticks set n = n + 1", ct); await Task.Delay(300, ct); return default; } }
        [Migration(1, "counting")] public sealed class V001 : SchemaStep
        {
            public override void Up()
            {
                var t = CreateTable("counting.counted"); t.Id("n"); t.Int("first").NotNullable(); t.Int("second").NotNullable();
                var h = CreateTable("counting.heard"); h.WithColumn("id").AsInt64().NotNullable().PrimaryKey().Identity(); h.Ref("document_id").NotNullable(); h.Ref("n").NotNullable();
                CreateTable("counting.allowed").Id("n");
                CreateTable("counting.ticks").Int("n").NotNullable();
                Execute.Sql($"insert into {Name("counting.ticks")} (n) values (0)");
            }
        }
        """).Folder;
}
