using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>What was looked at and then written failed, for others worked between the two: it is worth another look.</summary>
internal static class Overtaken
{
    public static bool By(Exception e, Engine engine) => e is RuleBroken or Invalid or Conflict or NotFound || engine.IsTransient(e) || engine.UniqueIndexOf(e) is not null;
}
