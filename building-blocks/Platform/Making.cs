using System.Reflection;
using Autofac;
using Autofac.Builder;
using Autofac.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Platform;

/// <summary>
/// Registers types that are made by their one constructor, found when the first is made. Autofac compiles an expression for each registered type before the first request is answered;
/// of more than a thousand types most are never asked for in the first minutes.
/// </summary>
internal sealed class Making(Type type)
{
    private Found? found;

    private object Make(IComponentContext c)
    {
        // Two at once find the same.
        var (invoker, parameters) = found ??= Find();
        var arguments = new object?[parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = !parameters[i].HasDefaultValue ? c.Resolve(parameters[i].ParameterType)
                : c.TryResolve(parameters[i].ParameterType, out var there) ? there : parameters[i].DefaultValue;
        return invoker.Invoke(arguments.AsSpan());
    }

    private Found Find()
    {
        var constructor = One(type) ?? throw new InvalidOperationException($"{type} has not one public constructor.");
        return new(ConstructorInvoker.Create(constructor), constructor.GetParameters());
    }

    private static ConstructorInfo? One(Type type) => type.GetConstructors() is [var one] ? one : null;

    /// <summary>As Autofac's own of that name.</summary>
    public static IRegistrationBuilder<object, SimpleActivatorData, SingleRegistrationStyle> Of(ContainerBuilder b, Type type)
    {
        var making = new Making(type);
        var rb = RegistrationBuilder.ForDelegate(type, (c, _) => making.Make(c));
        rb.RegistrationData.DeferredCallback = b.RegisterCallback(registry => RegistrationBuilder.RegisterSingleComponent(registry, rb));
        return rb;
    }

    /// <summary>Each concrete type of the assemblies, by what of it shall be asked for; those without any are left out.</summary>
    public static void Each(ContainerBuilder b, IEnumerable<Type> types, Func<Type, IEnumerable<Type>> services)
    {
        foreach (var type in types)
            if (services(type).ToArray() is not { Length: > 0 } asked) continue;
            else if (Simple(type)) Of(b, type).As(asked).InstancePerLifetimeScope();
            else b.RegisterType(type).As(asked).InstancePerLifetimeScope();
    }

    /// <summary>The framework's services that are made of a type: made in the same way.</summary>
    public static void Defer(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
            if (services[i] is { IsKeyedService: false, ImplementationType: { IsGenericTypeDefinition: false, IsAbstract: false } made } s && Simple(made))
            {
                var making = new Making(made);
                services[i] = ServiceDescriptor.Describe(s.ServiceType, p => making.Make(((AutofacServiceProvider)p).LifetimeScope), s.Lifetime);
            }
    }

    private static bool Simple(Type type) => One(type) is { } one && !type.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute))
        && one.GetParameters().All(p => !p.IsDefined(typeof(FromKeyedServicesAttribute)) && !p.IsDefined(typeof(Microsoft.Extensions.DependencyInjection.ServiceKeyAttribute)));

    private sealed record Found(ConstructorInvoker Invoker, ParameterInfo[] Parameters);
}
