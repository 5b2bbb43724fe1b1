using System.Collections.Concurrent;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>A page has one thread to draw on. What a command does there must not wait for that thread while holding it (UI-12).</summary>
public class OneThread
{
    [Theory, OnEveryEngine, Trait("req", "UI-12")]
    public async Task Ids_are_drawn_and_departments_saved_where_all_goes_on_on_one_thread(string engine)
    {
        var crm = await Crm.Shared(engine);
        await Alone(async () =>
        {
            for (var i = 0; i < 3; i++)
                await crm.Send(crm.Admin, new SaveDocument("department", null, 0, new Dictionary<string, object?> { ["name"] = Crm.Name("部门"), ["parentId"] = crm.HeadDepartment }));
            await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
            var (db, ids) = (scope.Resolve<Db>(), scope.Resolve<IIds>());
            var outside = Enumerable.Range(0, 4).Select(_ => ids.Next(400)).ToList();
            var inside = await db.Unit(() => Task.FromResult(Enumerable.Range(0, 4).Select(_ => ids.Next(400)).ToList()));
            Assert.Equal(8, outside.Concat(inside).Distinct().Count());
        }).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static Task Alone(Func<Task> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            using var queue = new Queue();
            SynchronizationContext.SetSynchronizationContext(queue);
            var task = work();
            task.ContinueWith(_ => queue.End(), TaskScheduler.Default);
            queue.Run();
            if (task.Exception is { } e) done.SetException(e.InnerExceptions);
            else done.SetResult();
        })
        { IsBackground = true };
        thread.Start();
        return done.Task;
    }

    private sealed class Queue : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback Act, object? State)> acts = [];

        public override void Post(SendOrPostCallback d, object? state) => acts.Add((d, state));
        public void End() => acts.CompleteAdding();

        public void Run()
        {
            foreach (var (act, state) in acts.GetConsumingEnumerable()) act(state);
        }

        public void Dispose() => acts.Dispose();
    }
}
