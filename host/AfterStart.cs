using System.Runtime;

namespace KuaipuCrm.Host;

/// <summary>Starting leaves half of the heap as garbage that nothing would collect while the host idles: it is given back once, when the first visitors have been served.</summary>
internal sealed class AfterStart(IHostApplicationLifetime life) : BackgroundService
{
    private static int done;

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var started = CancellationTokenSource.CreateLinkedTokenSource(life.ApplicationStarted, stopping);
        await Task.Delay(Timeout.Infinite, started.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(TimeSpan.FromSeconds(3), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Once a process, however many hosts it has.
        if (stopping.IsCancellationRequested || Interlocked.Exchange(ref done, 1) == 1) return;
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
