namespace KuaipuCrm.Platform.Data;

/// <summary>A place among the writers, given back once.</summary>
internal sealed class Slot : IDisposable
{
    private readonly SemaphoreSlim places;
    private int done;

    /// <summary>Of a place that is taken already.</summary>
    public Slot(SemaphoreSlim places) => this.places = places;

    public static async Task<IDisposable?> Take(SemaphoreSlim places, CancellationToken ct)
    {
        await places.WaitAsync(ct);
        return new Slot(places);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref done, 1) == 0) places.Release();
    }
}
