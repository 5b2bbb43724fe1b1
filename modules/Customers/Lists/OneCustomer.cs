using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Lists;

/// <summary>The same from the customer's page.</summary>
[Action("关注", "customers.customers.read", On = "customer", InMenu = true, Icon = "eye", Confirm = "把这个客户加入“我关注的客户”？")]
public sealed record WatchCustomer(long CustomerId) : ICommand<Done>;

[Action("取消关注", "customers.customers.read", On = "customer", InMenu = true, Icon = "eye-slash", Confirm = "把这个客户移出“我关注的客户”？")]
public sealed record UnwatchCustomer(long CustomerId) : ICommand<Done>;

[Action("设为重点客户", "customers.customers.update", On = "customer", InMenu = true, Icon = "star", Confirm = "把这个客户加入“我的重点客户”？")]
public sealed record MarkKeyCustomer(long CustomerId) : ICommand<Done>;

[Action("移出重点客户", "customers.customers.update", On = "customer", InMenu = true, Icon = "star-half-stroke", Confirm = "把这个客户移出“我的重点客户”？")]
public sealed record UnmarkKeyCustomer(long CustomerId) : ICommand<Done>;

internal sealed class OneCustomerHandler(
    ICommandHandler<WatchCustomers, BatchResult> watch, ICommandHandler<UnwatchCustomers, BatchResult> unwatch, ICommandHandler<MarkKeyCustomers, BatchResult> mark, ICommandHandler<UnmarkKeyCustomers, BatchResult> unmark)
    : ICommandHandler<WatchCustomer, Done>, ICommandHandler<UnwatchCustomer, Done>, ICommandHandler<MarkKeyCustomer, Done>, ICommandHandler<UnmarkKeyCustomer, Done>
{
    public async Task<Done> Handle(WatchCustomer command, CancellationToken ct) => Told(await watch.Handle(new WatchCustomers([command.CustomerId]), ct));
    public async Task<Done> Handle(UnwatchCustomer command, CancellationToken ct) => Told(await unwatch.Handle(new UnwatchCustomers([command.CustomerId]), ct));
    public async Task<Done> Handle(MarkKeyCustomer command, CancellationToken ct) => Told(await mark.Handle(new MarkKeyCustomers([command.CustomerId]), ct));
    public async Task<Done> Handle(UnmarkKeyCustomer command, CancellationToken ct) => Told(await unmark.Handle(new UnmarkKeyCustomers([command.CustomerId]), ct));

    private static Done Told(BatchResult result) => result.Problems is [var problem, ..] ? throw new RuleBroken(problem.Message) : default;
}
