using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Pipeline;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Platform;

/// <summary>Puts platform and modules together. Handlers, rules and declarations are found in the assemblies; nothing is listed.</summary>
public static class Composition
{
    public static void Compose(ContainerBuilder b, ModuleCatalog catalog, Plugins.Plugins plugins, Engine engine, TimeProvider clock, string data)
    {
        b.RegisterInstance(catalog).AsSelf().As<ICatalog>();
        b.RegisterInstance(plugins);
        b.RegisterInstance(engine).As<Engine>().As<IDialect>();
        b.RegisterInstance(clock).As<TimeProvider>();

        Making.Of(b, typeof(Db)).AsSelf().As<IDb>().InstancePerLifetimeScope();
        Making.Of(b, typeof(IdBlocks)).SingleInstance();
        Making.Of(b, typeof(Ids)).As<IIds>().InstancePerLifetimeScope();
        Making.Of(b, typeof(DocumentTypes)).SingleInstance();

        Making.Of(b, typeof(Caches)).SingleInstance();
        Making.Of(b, typeof(CustomFields.CustomFieldKeeper)).SingleInstance();
        Making.Of(b, typeof(CustomFields.CustomIndexes)).SingleInstance();
        Making.Of(b, typeof(RightsCache)).SingleInstance();
        Making.Of(b, typeof(AccessMemory)).SingleInstance();
        Making.Of(b, typeof(Standing)).AsSelf().As<IStanding>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Changed)).As<IChanged>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Live)).As<IOrganization>().As<IDictionaries>().SingleInstance();
        Making.Of(b, typeof(WorkCalendar)).As<IWorkCalendar>().SingleInstance();
        Making.Of(b, typeof(Access)).AsSelf().As<IAccess>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Sharing.Teams)).As<ITeams>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Ownership)).AsSelf().As<IOwnership>().InstancePerLifetimeScope();

        Making.Of(b, typeof(Caller)).AsSelf().As<ICurrentUser>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Scope)).AsSelf().As<IScope>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Sessions)).SingleInstance();
        Making.Of(b, typeof(Security.Tokens.TokenKeys)).SingleInstance();
        Making.Of(b, typeof(Budget)).SingleInstance();
        Making.Of(b, typeof(Pipeline.OnceRequest)).InstancePerLifetimeScope();
        Making.Of(b, typeof(Accounts)).As<IAccounts>().InstancePerLifetimeScope();
        Making.Of(b, typeof(SignInDesk)).SingleInstance();
        Making.Of(b, typeof(AuditLog)).SingleInstance();
        Making.Of(b, typeof(Send)).As<ISend>().InstancePerLifetimeScope();

        foreach (var type in new[] { typeof(Reach), typeof(HistoryQueries), typeof(Sharing.Shares), typeof(Merging.MergedTies), typeof(Approvals.Flows), typeof(Approvals.Approvers), typeof(Approvals.ApprovalEngine), typeof(DraftChecks), typeof(Numbers), typeof(FigureRows), typeof(DocumentWriter), typeof(Operations), typeof(ListSql), typeof(FilterSql), typeof(NameSearch), typeof(ScopeSize), typeof(NameResolver), typeof(Stores), typeof(Reverter), typeof(Exporter), typeof(Printing.Printer), typeof(Import.ImportColumns), typeof(Import.RowReader), typeof(Import.ImportChecks), typeof(Import.ImportJob), typeof(Import.UndoJob) })
            Making.Of(b, type).InstancePerLifetimeScope();
        Making.Of(b, typeof(ModuleOperations)).As<IOperations>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Privacy.PersonalData)).As<IPersonalData>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Merging.Merger)).AsSelf().As<IMerging>().InstancePerLifetimeScope();
        Making.Of(b, typeof(DocumentDirectory)).AsSelf().As<IDocumentDirectory>().InstancePerLifetimeScope();
        Making.Of(b, typeof(ReferrerCounts)).As<IReferrers>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Journal)).AsSelf().As<IHistory>().InstancePerLifetimeScope();
        b.RegisterInstance(new Import.ImportFiles(Path.Combine(data, "imports")));
        Making.Of(b, typeof(Import.WorkSignal)).SingleInstance();
        Making.Of(b, typeof(Import.ImportRunner)).SingleInstance();
        b.RegisterInstance(new Collaboration.DiskFiles(Path.Combine(data, "files"))).As<IFileStore>();
        Making.Of(b, typeof(Jobs.JobCatalog)).SingleInstance();
        Making.Of(b, typeof(Jobs.JobRunner)).SingleInstance();
        foreach (var job in new[] { typeof(Approvals.ApprovalReminders), typeof(Jobs.CleanUp), typeof(Collaboration.FileSweeper) }) Making.Of(b, job).InstancePerLifetimeScope();
        Making.Of(b, typeof(Collaboration.Bell)).AsSelf().As<IBell>().SingleInstance();
        Making.Of(b, typeof(Collaboration.OnlineMemory)).SingleInstance();
        Making.Of(b, typeof(Templates.TemplateModels)).InstancePerLifetimeScope();
        Making.Of(b, typeof(Templates.TemplateHandlers)).AsSelf().As<ITemplates>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Reminders.ReminderKeeper)).AsSelf().As<IReminders>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Reminders.ReminderSignal)).SingleInstance();
        Making.Of(b, typeof(Reminders.ReminderDispatcher)).SingleInstance();
        Making.Of(b, typeof(Collaboration.MessageRoutes)).InstancePerLifetimeScope();
        foreach (var one in new[] { typeof(Webhooks.WebhookEvents), typeof(Webhooks.WebhookSignal), typeof(Webhooks.WebhookDispatcher) }) Making.Of(b, one).SingleInstance();
        Making.Of(b, typeof(Webhooks.WebhookPost)).InstancePerLifetimeScope();
        Making.Of(b, typeof(Outgoing.OutgoingPost)).AsSelf().As<IOutgoing>().InstancePerLifetimeScope();
        foreach (var one in new[] { typeof(Outgoing.AddressPolicy), typeof(Outgoing.SafeHttp), typeof(Outgoing.Secrets), typeof(Outgoing.ChannelStore), typeof(Outgoing.OutgoingSignal), typeof(Outgoing.OutgoingDispatcher) })
            Making.Of(b, one).SingleInstance();
        b.RegisterType<Outgoing.OptOutDesk>().FindConstructorsWith(t => t.GetConstructors(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)).SingleInstance();
        Making.Of(b, typeof(Collaboration.InternalMessages)).AsSelf().As<IMessages>().InstancePerLifetimeScope();
        Making.Of(b, typeof(ScopeSizeMemory)).SingleInstance();
        Making.Of(b, typeof(ViewMemory)).SingleInstance();
        Making.Of(b, typeof(Formatter)).AsSelf().As<IFormat>().SingleInstance();
        Making.Of(b, typeof(Api.Problems)).As<IProblems>().SingleInstance();
        // Twice: one open registration under two services fails at its second resolve, once the host's container watches registrations.
        b.RegisterGeneric(typeof(DocumentStore<>)).AsSelf().InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(DocumentStore<>)).As(typeof(IDocuments<>)).InstancePerLifetimeScope();

        Making.Of(b, typeof(Mediator)).As<IMediator>().InstancePerLifetimeScope();
        b.Register<ServiceFactory>(c =>
        {
            var scope = c.Resolve<IComponentContext>();
            return scope.Resolve;
        }).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(Trace<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(Authorize<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(Validate<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(UnitOfWork<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();

        Making.Of(b, typeof(Outbox)).AsSelf().As<IEvents>().InstancePerLifetimeScope();
        Making.Of(b, typeof(Signal)).SingleInstance();
        Making.Of(b, typeof(Dispatcher)).SingleInstance();

        var assemblies = catalog.Modules.Select(m => m.Assembly).Append(typeof(Composition).Assembly).ToArray();
        var types = assemblies.SelectMany(a => a.GetTypes()).Where(t => t is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }).ToList();
        IEnumerable<Type> Closed(Type t, Type open) => t.GetInterfaces().Where(i => i.IsClosedTypeOf(open));
        Making.Each(b, types, t => Closed(t, typeof(IRequestHandler<,>)));
        Making.Each(b, types, t => Closed(t, typeof(IDocumentRule<>)));
        Making.Each(b, types, t => Closed(t, typeof(IEventHandler<>)).Any() ? [t] : []);
        Making.Each(b, types, t => t.IsAssignableTo<IHandsOver>() ? [typeof(IHandsOver)] : []);
        Making.Each(b, types, t => t.IsAssignableTo<ISeed>() ? [typeof(ISeed), t] : []);
        b.RegisterInstance(new EventCatalog(types.Where(t => Closed(t, typeof(IEventHandler<>)).Any())));
    }
}
