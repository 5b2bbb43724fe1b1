using System.Collections.Concurrent;
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

    /// <summary>The only one, or the largest where it takes nothing but what is always there: all of a kind.</summary>
    private static ConstructorInfo? One(Type type) => type.GetConstructors() switch
    {
        [] => null,
        [var only] => only,
        var several => several.MaxBy(c => c.GetParameters().Length) is { } largest && largest.GetParameters().All(p => p.ParameterType is { IsGenericType: true } t && t.GetGenericTypeDefinition() == typeof(IEnumerable<>)) ? largest : null,
    };

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
    /// <returns>Those of open types, taken out: the container has to be told of them in another way.</returns>
    public static IReadOnlyList<ServiceDescriptor> Defer(IServiceCollection services)
    {
        var open = services.Where(s => s.ServiceType.IsGenericTypeDefinition).GroupBy(s => s.ServiceType).Where(g => g.Count() == 1).Select(g => g.Single()).Where(Straight).ToList();
        foreach (var s in open) services.Remove(s);
        for (var i = 0; i < services.Count; i++)
            if (services[i] is { IsKeyedService: false, ImplementationType: { IsGenericTypeDefinition: false, IsAbstract: false } made } s && Simple(made))
            {
                var making = new Making(made);
                services[i] = ServiceDescriptor.Describe(s.ServiceType, p => making.Make(((AutofacServiceProvider)p).LifetimeScope), s.Lifetime);
            }
        return open;
    }

    /// <summary>A service of an open type: of each closed one on its own.</summary>
    public static void Open(ContainerBuilder b, ServiceDescriptor service)
    {
        var makings = new ConcurrentDictionary<Type, Making>();
        var rb = b.RegisterGeneric((c, arguments) => makings.GetOrAdd(service.ImplementationType!.MakeGenericType(arguments), t => new(t)).Make(c)).As(service.ServiceType);
        _ = service.Lifetime switch
        {
            ServiceLifetime.Singleton => rb.SingleInstance(),
            ServiceLifetime.Scoped => rb.InstancePerLifetimeScope(),
            _ => rb.InstancePerDependency(),
        };
    }

    /// <summary>Takes all types that its service takes, in the same order.</summary>
    private static bool Straight(ServiceDescriptor s)
    {
        if (s is not { IsKeyedService: false, ImplementationType: { IsGenericTypeDefinition: true } made } || !Simple(made)) return false;
        var own = made.GetGenericArguments();
        return (made == s.ServiceType || made.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == s.ServiceType && i.GetGenericArguments().SequenceEqual(own)))
               && own.Zip(s.ServiceType.GetGenericArguments()).All(p => Needs(p.First).SequenceEqual(Needs(p.Second)));

        static IEnumerable<object> Needs(Type argument) => [.. argument.GetGenericParameterConstraints(), argument.GenericParameterAttributes & GenericParameterAttributes.SpecialConstraintMask];
    }

    private static bool Simple(Type type) => One(type) is { } one && !type.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute))
        && one.GetParameters().All(p => !p.IsDefined(typeof(FromKeyedServicesAttribute)) && !p.IsDefined(typeof(Microsoft.Extensions.DependencyInjection.ServiceKeyAttribute)));

    private sealed record Found(ConstructorInvoker Invoker, ParameterInfo[] Parameters);
}
