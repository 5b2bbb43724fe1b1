using System.Diagnostics;
using System.Diagnostics.Metrics;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Platform;

/// <summary>What operators measure (OPS-5): one span for each message, statement and delivery; durations and outcomes. Names and statement texts only: values are parameters and never leave the process.</summary>
public static class Telemetry
{
    public const string Name = "KuaipuCrm";

    internal static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Messages = Meter.CreateHistogram<double>("kuaipu.message.duration", "s", "Commands and queries, with their name and outcome.");
    private static readonly Histogram<double> Gate = Meter.CreateHistogram<double>("kuaipu.database.write_wait", "s", "How long a command waited for the one writer of SQLite.");
    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("kuaipu.delivery.count", null, "Events handed to handlers, with the handler and outcome.");
    private static readonly Counter<long> Rows = Meter.CreateCounter<long>("kuaipu.import.rows", null, "Rows carried out by imports.");

    internal static void Message(string name, string outcome, TimeSpan took) => Messages.Record(took.TotalSeconds, new("message", name), new("outcome", outcome));

    internal static void Waited(TimeSpan took) => Gate.Record(took.TotalSeconds);

    internal static void Delivered(string handler, string outcome) => Deliveries.Add(1, new("handler", handler), new("outcome", outcome));

    internal static void Imported(int rows) => Rows.Add(rows);

    /// <summary>How many deliveries wait, and how many rest; asked of the database at each collection, so only where someone collects.</summary>
    /// <returns>To be disposed with the host.</returns>
    public static Meter Watch(Engine engine)
    {
        var meter = new Meter(Name);
        meter.CreateObservableGauge("kuaipu.delivery.waiting", () => Count(engine, $"select count(*) from platform.delivery where next_at < {Dispatcher.Parked}"), null, "Events on their way.");
        meter.CreateObservableGauge("kuaipu.delivery.parked", () => Count(engine, $"select count(*) from platform.delivery where next_at = {Dispatcher.Parked}"), null, "Events that rest until an administrator sends them again.");
        return meter;
    }

    /// <summary>A span for a statement, where anyone listens.</summary>
    internal static Activity? Statement(Engine engine, Sql sql)
    {
        var span = Source.StartActivity("sql", ActivityKind.Client);
        span?.SetTag("db.system.name", engine.Name).SetTag("db.query.text", engine.Finish(sql.Text));
        return span;
    }

    private static long Count(Engine engine, Sql sql)
    {
        try
        {
            return new Db(engine).First<long>(sql).GetAwaiter().GetResult();
        }
        catch (Exception e) when (engine.Trouble(e) is not null)
        {
            return -1;
        }
    }
}

/// <summary>Around everything else: how long each message took and how it ended.</summary>
internal sealed class Trace<TRequest, TResult> : IPipelineBehavior<TRequest, TResult> where TRequest : notnull
{
    public async Task<TResult> Handle(TRequest request, CancellationToken ct, RequestHandlerDelegate<TResult> next)
    {
        using var span = Telemetry.Source.StartActivity(typeof(TRequest).Name);
        var began = Stopwatch.GetTimestamp();
        var outcome = "done";
        try
        {
            return await next();
        }
        catch (Exception e)
        {
            // The class of the failure; its words may name people.
            outcome = e.GetType().Name;
            span?.SetStatus(ActivityStatusCode.Error, outcome);
            throw;
        }
        finally
        {
            Telemetry.Message(typeof(TRequest).Name, outcome, Stopwatch.GetElapsedTime(began));
        }
    }
}
