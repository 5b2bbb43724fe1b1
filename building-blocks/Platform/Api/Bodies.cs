using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KuaipuCrm.Platform.Api;

/// <summary>How request bodies are read: what must not be missing is refused at the door, and names stand for values of enumerations.</summary>
public static class Bodies
{
    /// <summary>For messages read whole; bodies that the framework binds are checked by their handlers, after the right to send them.</summary>
    public static readonly JsonSerializerOptions Options = Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(Require) });

    public static JsonSerializerOptions Strict(JsonSerializerOptions options)
    {
        options.RespectNullableAnnotations = true;
        options.Converters.Add(new JsonStringEnumConverter());
        return options;
    }

    /// <summary>A text or list that is not declared as one that may be null, and has no default, has to be there.</summary>
    private static void Require(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false } && !property.PropertyType.IsValueType) property.IsRequired = true;
    }
}
