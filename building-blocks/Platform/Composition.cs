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

        b.RegisterType<Db>().AsSelf().As<IDb>().InstancePerLifetimeScope();
        b.RegisterType<IdBlocks>().SingleInstance();
        b.RegisterType<Ids>().As<IIds>().InstancePerLifetimeScope();
        b.RegisterType<DocumentTypes>().SingleInstance();

        b.RegisterType<Caches>().SingleInstance();
        b.RegisterType<CustomFields.CustomFieldKeeper>().SingleInstance();
        b.RegisterType<CustomFields.CustomIndexes>().SingleInstance();
        b.RegisterType<RightsCache>().SingleInstance();
        b.RegisterType<AccessMemory>().SingleInstance();
        b.RegisterType<Standing>().AsSelf().As<IStanding>().InstancePerLifetimeScope();
        b.RegisterType<Changed>().As<IChanged>().InstancePerLifetimeScope();
        b.RegisterType<Live>().As<IOrganization>().As<IDictionaries>().SingleInstance();
        b.RegisterType<WorkCalendar>().As<IWorkCalendar>().SingleInstance();
        b.RegisterType<Access>().AsSelf().As<IAccess>().InstancePerLifetimeScope();
        b.RegisterType<Sharing.Teams>().As<ITeams>().InstancePerLifetimeScope();
        b.RegisterType<Ownership>().AsSelf().As<IOwnership>().InstancePerLifetimeScope();

        b.RegisterType<Caller>().AsSelf().As<ICurrentUser>().InstancePerLifetimeScope();
        b.RegisterType<Scope>().AsSelf().As<IScope>().InstancePerLifetimeScope();
        b.RegisterType<Sessions>().SingleInstance();
        b.RegisterType<Security.Tokens.TokenKeys>().SingleInstance();
        b.RegisterType<Budget>().SingleInstance();
        b.RegisterType<Pipeline.OnceRequest>().InstancePerLifetimeScope();
        b.RegisterType<Accounts>().As<IAccounts>().InstancePerLifetimeScope();
        b.RegisterType<SignInDesk>().SingleInstance();
        b.RegisterType<AuditLog>().SingleInstance();
        b.RegisterType<Send>().As<ISend>().InstancePerLifetimeScope();

        foreach (var type in new[] { typeof(Reach), typeof(HistoryQueries), typeof(Sharing.Shares), typeof(Merging.MergedTies), typeof(Approvals.Flows), typeof(Approvals.Approvers), typeof(Approvals.ApprovalEngine), typeof(DraftChecks), typeof(Numbers), typeof(FigureRows), typeof(DocumentWriter), typeof(Operations), typeof(ListSql), typeof(FilterSql), typeof(NameSearch), typeof(ScopeSize), typeof(NameResolver), typeof(Stores), typeof(Reverter), typeof(Exporter), typeof(Printing.Printer), typeof(Import.ImportColumns), typeof(Import.RowReader), typeof(Import.ImportChecks), typeof(Import.ImportJob), typeof(Import.UndoJob) })
            b.RegisterType(type).InstancePerLifetimeScope();
        b.RegisterType<ModuleOperations>().As<IOperations>().InstancePerLifetimeScope();
        b.RegisterType<Privacy.PersonalData>().As<IPersonalData>().InstancePerLifetimeScope();
        b.RegisterType<Merging.Merger>().AsSelf().As<IMerging>().InstancePerLifetimeScope();
        b.RegisterType<DocumentDirectory>().AsSelf().As<IDocumentDirectory>().InstancePerLifetimeScope();
        b.RegisterType<ReferrerCounts>().As<IReferrers>().InstancePerLifetimeScope();
        b.RegisterType<Journal>().AsSelf().As<IHistory>().InstancePerLifetimeScope();
        b.RegisterInstance(new Import.ImportFiles(Path.Combine(data, "imports")));
        b.RegisterType<Import.WorkSignal>().SingleInstance();
        b.RegisterType<Import.ImportRunner>().SingleInstance();
        b.RegisterInstance(new Collaboration.DiskFiles(Path.Combine(data, "files"))).As<IFileStore>();
        b.RegisterType<Jobs.JobCatalog>().SingleInstance();
        b.RegisterType<Jobs.JobRunner>().SingleInstance();
        foreach (var job in new[] { typeof(Approvals.ApprovalReminders), typeof(Jobs.CleanUp), typeof(Collaboration.FileSweeper) }) b.RegisterType(job).InstancePerLifetimeScope();
        b.RegisterType<Collaboration.Bell>().AsSelf().As<IBell>().SingleInstance();
        b.RegisterType<Collaboration.OnlineMemory>().SingleInstance();
        b.RegisterType<Templates.TemplateModels>().InstancePerLifetimeScope();
        b.RegisterType<Templates.TemplateHandlers>().AsSelf().As<ITemplates>().InstancePerLifetimeScope();
        b.RegisterType<Reminders.ReminderKeeper>().AsSelf().As<IReminders>().InstancePerLifetimeScope();
        b.RegisterType<Reminders.ReminderSignal>().SingleInstance();
        b.RegisterType<Reminders.ReminderDispatcher>().SingleInstance();
        b.RegisterType<Collaboration.MessageRoutes>().InstancePerLifetimeScope();
        foreach (var one in new[] { typeof(Webhooks.WebhookEvents), typeof(Webhooks.WebhookSignal), typeof(Webhooks.WebhookDispatcher) }) b.RegisterType(one).SingleInstance();
        b.RegisterType<Webhooks.WebhookPost>().InstancePerLifetimeScope();
        b.RegisterType<Outgoing.OutgoingPost>().AsSelf().As<IOutgoing>().InstancePerLifetimeScope();
        foreach (var one in new[] { typeof(Outgoing.AddressPolicy), typeof(Outgoing.SafeHttp), typeof(Outgoing.Secrets), typeof(Outgoing.ChannelStore), typeof(Outgoing.OutgoingSignal), typeof(Outgoing.OutgoingDispatcher) })
            b.RegisterType(one).SingleInstance();
        b.RegisterType<Outgoing.OptOutDesk>().FindConstructorsWith(t => t.GetConstructors(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)).SingleInstance();
        b.RegisterType<Collaboration.InternalMessages>().AsSelf().As<IMessages>().InstancePerLifetimeScope();
        b.RegisterType<ScopeSizeMemory>().SingleInstance();
        b.RegisterType<ViewMemory>().SingleInstance();
        b.RegisterType<Formatter>().AsSelf().As<IFormat>().SingleInstance();
        b.RegisterType<Api.Problems>().As<IProblems>().SingleInstance();
        // Twice: one open registration under two services fails at its second resolve, once the host's container watches registrations.
        b.RegisterGeneric(typeof(DocumentStore<>)).AsSelf().InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(DocumentStore<>)).As(typeof(IDocuments<>)).InstancePerLifetimeScope();

        b.RegisterType<Mediator>().As<IMediator>().InstancePerLifetimeScope();
        b.Register<ServiceFactory>(c =>
        {
            var scope = c.Resolve<IComponentContext>();
            return scope.Resolve;
        }).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(Trace<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(Authorize<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(Validate<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();
        b.RegisterGeneric(typeof(UnitOfWork<,>)).As(typeof(IPipelineBehavior<,>)).InstancePerLifetimeScope();

        b.RegisterType<Outbox>().AsSelf().As<IEvents>().InstancePerLifetimeScope();
        b.RegisterType<Signal>().SingleInstance();
        b.RegisterType<Dispatcher>().SingleInstance();

        var assemblies = catalog.Modules.Select(m => m.Assembly).Append(typeof(Composition).Assembly).ToArray();
        b.RegisterAssemblyTypes(assemblies).AsClosedTypesOf(typeof(IRequestHandler<,>)).InstancePerLifetimeScope();
        b.RegisterAssemblyTypes(assemblies).AsClosedTypesOf(typeof(IDocumentRule<>)).InstancePerLifetimeScope();
        b.RegisterAssemblyTypes(assemblies).Where(t => t.IsClosedTypeOf(typeof(IEventHandler<>))).AsSelf().InstancePerLifetimeScope();
        b.RegisterAssemblyTypes(assemblies).Where(t => t.IsAssignableTo<IHandsOver>()).As<IHandsOver>().InstancePerLifetimeScope();
        b.RegisterAssemblyTypes(assemblies).Where(t => t.IsAssignableTo<ISeed>()).As<ISeed>().AsSelf().InstancePerLifetimeScope();
        b.RegisterInstance(new EventCatalog(assemblies.SelectMany(a => a.GetTypes()).Where(t => t is { IsAbstract: false } && t.IsClosedTypeOf(typeof(IEventHandler<>)))));
    }
}
