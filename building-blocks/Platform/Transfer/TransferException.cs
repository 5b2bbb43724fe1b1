namespace KuaipuCrm.Platform.Transfer;

/// <summary>A move, backup or restore that can't be; the message tells the administrator why, and that nothing was changed.</summary>
public sealed class TransferException(string message, Exception? inner = null) : Exception(message, inner);
