using KuaipuCrm.Host;

return await CommandLine.Run(args);

/// <summary>Found by tests that start the host.</summary>
public partial class Program;
