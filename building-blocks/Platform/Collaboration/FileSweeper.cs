using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Deletes contents that no attachment names any more: uploads that were given up, files of purged documents. Removed attachments stay as long as the recycle bin does.</summary>
internal sealed class FileSweeper(Engine engine, IFileStore files, TimeProvider clock) : IJob
{
    /// <summary>An upload is named by its attachment within moments; after so long it never will be.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(2);

    public async Task<string?> Run(CancellationToken ct) => $"删除了 {await Sweep(ct)} 份。";

    /// <returns>How many were deleted.</returns>
    public async Task<int> Sweep(CancellationToken ct)
    {
        var (db, deleted, before) = (new Db(engine), 0, clock.GetUtcNow().UtcDateTime - Grace);
        foreach (var chunk in files.Before(before).Chunk(500))
        {
            var named = (await db.Query<string>($"select distinct hash from platform.attachment where {db.Dialect.In(Sql.Trusted("hash"), chunk)}", ct)).ToHashSet();
            foreach (var hash in chunk.Where(h => !named.Contains(h)))
                // Taken in again while the database was asked: a row may name it by now.
                if (files.Delete(hash, before)) deleted++;
        }
        return deleted;
    }
}
