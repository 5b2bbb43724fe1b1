using Autofac;
using Autofac.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Platform;

/// <summary>Autofac's container, with the framework's services in it made on demand.</summary>
public sealed class ContainerFactory : IServiceProviderFactory<ContainerBuilder>
{
    private readonly AutofacServiceProviderFactory autofac = new();

    public ContainerBuilder CreateBuilder(IServiceCollection services)
    {
        var open = Making.Defer(services);
        var builder = autofac.CreateBuilder(services);
        foreach (var service in open) Making.Open(builder, service);
        return builder;
    }

    public IServiceProvider CreateServiceProvider(ContainerBuilder containerBuilder) => autofac.CreateServiceProvider(containerBuilder);
}
