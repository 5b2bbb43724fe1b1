// dotnet tool restore && dotnet cake [--target=build|test|publish] [--configuration=Release] [--runtime=win-x64]
var target = Argument("target", "test");
var configuration = Argument("configuration", "Release");
var runtime = Argument("runtime", "");
var solution = "KuaipuCrm.sln";

Task("build")
    .Does(() => DotNetBuild(solution, new DotNetBuildSettings { Configuration = configuration, NoLogo = true }));

Task("test")
    .IsDependentOn("build")
    .Does(() => DotNetTest(solution, new DotNetTestSettings { Configuration = configuration, NoBuild = true, NoLogo = true }));

// For this machine with the runtime that is there, or for another with its own runtime inside; compiled beforehand, so that the host starts without compiling.
Task("publish")
    .IsDependentOn("build")
    .Does(() => DotNetPublish("host/Host.csproj", new DotNetPublishSettings
    {
        Configuration = configuration,
        OutputDirectory = "artifacts/publish",
        Runtime = runtime == "" ? System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier : runtime,
        SelfContained = runtime != "",
        PublishReadyToRun = true,
        NoLogo = true,
    }));

RunTarget(target);
