namespace KuaipuCrm.Platform.Jobs;

/// <summary>Work of the platform by the clock that is more than one transaction; a module's job is a command.</summary>
internal interface IJob
{
    /// <returns>What it did, for the jobs page; null for nothing to tell.</returns>
    Task<string?> Run(CancellationToken ct);
}
