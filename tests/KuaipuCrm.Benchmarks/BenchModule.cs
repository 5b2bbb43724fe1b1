using FluentMigrator;
using KuaipuCrm.Sdk;

[assembly: CrmModule("bench", "基准", Order = 990)]

namespace KuaipuCrm.Benchmarks;

/// <summary>A module with the smallest command that publishes an event, and the smallest handler of it.</summary>
public sealed class BenchModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}

/// <summary>Something was noted.</summary>
public sealed record Noted(long DocumentId) : IIntegrationEvent;

/// <summary>Writes one row and publishes one event.</summary>
[Action("记一笔", "")]
public sealed record Note(long Number, string Text) : ICommand<Done>;

internal sealed class NoteHandler(IDb db, IEvents events) : ICommandHandler<Note, Done>
{
    public async Task<Done> Handle(Note command, CancellationToken ct)
    {
        await db.Insert("bench.note", ["n", "text"], [[command.Number, command.Text]], ct);
        events.Publish(new Noted(command.Number));
        return default;
    }
}

internal sealed class HearOfNote : IEventHandler<Noted>
{
    public Task Handle(Noted fact, CancellationToken ct) => Task.CompletedTask;
}

[Migration(1, "notes")]
public sealed class V001_Note : SchemaStep
{
    public override void Up()
    {
        var note = CreateTable("bench.note");
        note.Id("n");
        note.Text("text", 100).NotNullable();
    }
}
