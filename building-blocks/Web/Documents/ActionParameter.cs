using System.ComponentModel.DataAnnotations;
using System.Reflection;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Web.Documents;

/// <summary>A parameter of a use case as its dialog asks for it.</summary>
internal sealed class ActionParameter
{
    public required string Name { get; init; }
    public required string Label { get; init; }
    public required FieldDefinition Field { get; init; }
    public required bool Required { get; init; }
    public bool IsSecret => Name.Contains("password", StringComparison.OrdinalIgnoreCase);
    /// <summary>In the kind's plain type.</summary>
    public object? Value { get; set; }

    /// <summary>The parameters behind the first one, which is the document's id.</summary>
    public static IReadOnlyList<ActionParameter> Of(Type message) => [.. message.GetConstructors()[0].GetParameters().Skip(1).Select(From)];

    /// <summary>Makes the message and sends it.</summary>
    /// <param name="on">The document's id, which an act over chosen rows takes as the only one, or the ids of the chosen rows.</param>
    public static async Task<object?> Send(ISend send, Type message, object on, IReadOnlyList<ActionParameter> values)
    {
        var parameters = message.GetConstructors()[0].GetParameters();
        var made = message.GetConstructors()[0].Invoke([on is long one && parameters[0].ParameterType != typeof(long) ? (object)new[] { one } : on, .. parameters.Skip(1).Select((p, i) => Convert(values[i].Value, p.ParameterType))]);
        var result = message.GetInterfaces().Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICommand<>)).GetGenericArguments()[0];
        var sent = (Task)typeof(ISend).GetMethod(nameof(ISend.Send))!.MakeGenericMethod(result).Invoke(send, [made, default(CancellationToken)])!;
        await sent;
        return sent.GetType().GetProperty("Result")!.GetValue(sent);
    }

    private static ActionParameter From(ParameterInfo p)
    {
        var label = p.GetCustomAttribute<LabelAttribute>();
        var text = label?.Text ?? p.Name!;
        var type = Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType;
        var name = char.ToLowerInvariant(p.Name![0]) + p.Name[1..];
        var kind = label?.Of is not null ? FieldKind.Reference : label?.Dictionary is not null ? FieldKind.Choice
            : type == typeof(bool) ? FieldKind.Flag : type == typeof(DateOnly) ? FieldKind.Date : type == typeof(DateTime) ? FieldKind.Instant : type == typeof(decimal) ? FieldKind.Money
            : type == typeof(long) || type == typeof(int) ? FieldKind.Number : p.GetCustomAttribute<MaxLengthAttribute>() is { Length: > 200 } ? FieldKind.LongText : FieldKind.Text;
        return new ActionParameter
        {
            Name = name,
            Label = text,
            Required = p.GetCustomAttribute<RequiredAttribute>() is not null || type.IsValueType && Nullable.GetUnderlyingType(p.ParameterType) is null && kind != FieldKind.Flag,
            Field = new FieldDefinition
            {
                Name = name,
                Column = "",
                Label = text,
                Kind = kind,
                Get = _ => null,
                Set = (_, _) => { },
                RefersTo = label?.Of,
                Dictionary = label?.Dictionary,
                MaxLength = p.GetCustomAttribute<MaxLengthAttribute>()?.Length ?? 200,
            },
        };
    }

    private static object? Convert(object? value, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return value is null ? type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null
            : plain == typeof(int) ? System.Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture) : value;
    }
}
