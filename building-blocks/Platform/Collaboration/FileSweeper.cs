using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Deletes contents that no attachment names any more: uploads that were given up, files of purged documents. Removed attachments stay as long as the recycle bin does.</summary>
public sealed class FileSweeper(Engine engine, IFileStore files, TimeProvider clock, ILogger<FileSweeper> log) : BackgroundService
{
    /// <summary>An upload is named by its attachment within moments; after so long it never will be.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(2);

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromHours(6), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ct.IsCancellationRequested) return;
            try
            {
                await Sweep(ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                log.LogWarning(e, "Unused files could not be removed; trying again later");
            }
        }
    }

    /// <returns>How many were deleted.</returns>
    public async Task<int> Sweep(CancellationToken ct)
    {
        var (db, deleted) = (new Db(engine), 0);
        foreach (var chunk in files.Before(clock.GetUtcNow().UtcDateTime - Grace).Chunk(500))
        {
            var named = (await db.Query<string>($"select distinct hash from platform.attachment where {db.Dialect.In(Sql.Trusted("hash"), chunk)}", ct)).ToHashSet();
            foreach (var hash in chunk.Where(h => !named.Contains(h)))
            {
                files.Delete(hash);
                deleted++;
            }
        }
        return deleted;
    }
}
