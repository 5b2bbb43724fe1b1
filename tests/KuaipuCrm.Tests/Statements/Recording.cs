using System.Collections.Concurrent;
using System.Reflection;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Statements;

/// <summary>All that the product says to SQL Server: what the other tests do is done once more in its dialect, then every list in every order and with every filter.</summary>
internal static class Recording
{
    private static readonly Lazy<Task<IReadOnlyCollection<string>>> Made = new(Make);

    /// <summary>The distinct statements.</summary>
    public static Task<IReadOnlyCollection<string>> Statements => Made.Value;

    /// <summary>What went wrong in a test done over; told where a statement is missing.</summary>
    public static ConcurrentDictionary<string, string> Failed { get; } = new();

    private static async Task<IReadOnlyCollection<string>> Make()
    {
        var crm = await Crm.Shared(Engines.SqlServerOnSqlite);
        await Parallel.ForEachAsync(Tests(), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (test, _) => await Again(test));
        // All that the modules ask for, those to come among them: what differs is whose rows they see.
        string[] all = [.. crm.Services.GetRequiredService<ModuleCatalog>().Permissions.Keys];
        foreach (var (person, narrow) in new[] { (crm.Admin, false), (await crm.Hire(all, ScopeKind.DepartmentAndBelow), true), (await crm.Hire(all, ScopeKind.Own), true), (await crm.Hire(all, ScopeKind.OwnAndSubordinates), true) })
        {
            var customer = await person.Customer(Crm.Name("长安"));
            var contact = await person.Contact(Crm.Name("长安"), new { employerId = customer });
            foreach (var message in Lists(crm, narrow).Concat(Messages(crm, customer, contact))) await Carry(crm, person, message);
        }
        return [.. SqlServerOnSqlite.Sent.Keys];
    }

    /// <summary>Bring schemas of their own, start processes, or walk over everything: nothing of the product's that the others don't say.</summary>
    private static readonly string[] LeftOut = ["Statements", "Transfer", "Plugins", "Events", "Operations"];

    /// <summary>Long, and of no statement that the others or the lists below don't say.</summary>
    private static readonly Type[] Long = [typeof(Api.Contract), typeof(Api.GeneratedClient), typeof(Attacks.EndpointMatrix), typeof(Platform.ImportingKilled), typeof(Platform.WhoSeesARecord)];

    /// <summary>They wait for clocks, count much or crowd; what they send is sent by the others of their class too.</summary>
    private static readonly string[] Slow =
    [
        nameof(Platform.Lists.Every_field_can_be_filtered_in_every_way_or_the_refusal_says_why),
        nameof(Outgoing.Mailing.What_is_refused_is_tried_again_or_parked_with_the_servers_words_and_can_be_sent_again), nameof(Outgoing.Mailing.Who_may_not_sends_nothing_and_no_address_or_subject_smuggles_headers),
        nameof(Opportunities.PipelineChanges.Whatever_happens_opening_and_changes_make_the_closing_for_everyone_and_each_day_stays_what_it_was),
        // Brings a schema of its own.
        nameof(Platform.ImportingMeanwhile.A_row_that_is_refused_only_when_it_is_written_fails_alone_with_its_reason),
        nameof(Platform.ImportingMeanwhile.An_import_of_rows_that_others_save_all_the_time_ends_with_every_row_written_or_told), nameof(Platform.Importing.A_trial_run_finds_exactly_the_faults_of_a_messy_file_and_writes_nothing), nameof(Reminders.Reminding.What_came_due_while_nothing_ran_is_reminded_of_once_however_many_hosts_start),
        nameof(Tracking.WorkLists.Days_are_counted_in_the_account_sets_zone_over_the_ends_of_months_and_years), nameof(Tracking.WorkLists.Silence_is_counted_in_whole_days_at_least_or_fewer),
        nameof(Customers.Locking.One_asks_for_fifty_with_room_for_three_and_gets_three), nameof(Customers.Locking.Two_hundred_ask_for_one_customer_and_one_gets_it), nameof(Customers.Merging.Merged_and_undone_everything_is_as_it_was),
        nameof(Settings.SigningIn.After_wrong_tries_at_once_the_account_is_locked_for_a_while_even_for_the_right_password), nameof(Webhooks.Hooking.Many_events_at_once_arrive_each_once_and_what_was_rolled_back_never),
    ];

    /// <summary>What the tests of every engine do, whatever they find here: SQLite stands below, and some of them know it by name.</summary>
    private static IEnumerable<MethodInfo> Tests() => typeof(Recording).Assembly.GetTypes()
        .Where(t => t.Namespace is { } n && !LeftOut.Contains(n[(n.LastIndexOf('.') + 1)..]) && !Long.Contains(t) && t.GetConstructor([]) is not null)
        .SelectMany(t => t.GetMethods().Where(m => m.IsDefined(typeof(OnEveryEngineAttribute)) && !Slow.Contains(m.Name) && m.GetParameters() is [{ ParameterType: var p }] && p == typeof(string)));

    private static async Task Again(MethodInfo test)
    {
        try
        {
            if (test.Invoke(Activator.CreateInstance(test.DeclaringType!), [Engines.SqlServerOnSqlite]) is Task task) await task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (Exception e)
        {
            Failed[$"{test.DeclaringType!.Name}.{test.Name}"] = (e as TargetInvocationException)?.InnerException?.Message ?? e.Message;
        }
    }

    /// <summary>Every list of every type in every order, with every filter that its field takes. A scope is a condition of its own beside order and filter: with a narrow one a few fields and a single value are enough.</summary>
    private static IEnumerable<object> Lists(Crm crm, bool narrow)
    {
        foreach (var d in crm.Services.GetRequiredService<ModuleCatalog>().Documents)
        {
            foreach (var field in d.Fields.Where(f => !f.Hidden).Take(narrow ? 2 : int.MaxValue))
            {
                foreach (var descending in new[] { true, false })
                    foreach (var page in narrow ? [null] : new int?[] { null, 3 })
                        yield return new ListDocuments(d.Type, new ListRequest { Sort = field.Name, Descending = descending, Page = page });
                foreach (var op in Enum.GetValues<FilterOp>())
                    foreach (var values in narrow ? Values(field)[..1] : Values(field))
                    {
                        var request = new ListRequest { Filters = [new Filter(field.Name, op, values)], Bin = op == FilterOp.Is };
                        yield return new ListDocuments(d.Type, request);
                        if (!narrow) yield return new CountDocuments(d.Type, request);
                    }
            }
            foreach (var text in new[] { "长", "长安", "ca", "cqca", "13800138000", "1380013", "KH2026", "重庆 汽车" })
            {
                yield return new ListDocuments(d.Type, new ListRequest { Text = text });
                yield return new CountDocuments(d.Type, new ListRequest { Text = text });
                yield return new FindChoices(d.Type, text);
            }
            yield return new FindChoices(d.Type, null);
            yield return new CountDocuments(d.Type, new ListRequest());
            yield return new CountDocuments(d.Type, new ListRequest { Bin = true });
            yield return new SumDocuments(d.Type, new ListRequest());
        }
    }

    /// <summary>One value and several, as the field's kind takes them.</summary>
    private static string[][] Values(FieldDefinition f) => f.Kind switch
    {
        FieldKind.Date or FieldKind.Instant => [["2026-01-31"], ["2026-01-01", "2026-01-31"], ["thisMonth"]],
        FieldKind.Number or FieldKind.Money or FieldKind.Quantity or FieldKind.Reference => [["1"], ["1", "2"]],
        FieldKind.Flag => [["是"]],
        FieldKind.Fixed => [[f.Values[0].Code], [f.Values[0].Code, f.Values[^1].Code]],
        _ => [["A"], ["A", "B"]],
    };

    /// <summary>Every message of the documents, then every message that can be made from nothing.</summary>
    private static IEnumerable<object> Messages(Crm crm, long customer, long contact)
    {
        var catalog = crm.Services.GetRequiredService<ModuleCatalog>();
        foreach (var d in catalog.Documents)
        {
            yield return new SaveDocument(d.Type, null, 0, new Dictionary<string, object?> { [d.Title.Name] = "甲乙丙", ["login"] = "x" }) { OnceKey = "k" };
            foreach (var id in new[] { 1, customer, contact })
            {
                yield return new GetDocument(d.Type, id);
                yield return new GetHistory(d.Type, id);
                yield return new SaveDocument(d.Type, id, 1, new Dictionary<string, object?> { [d.Title.Name] = "甲" });
                yield return new DeleteDocuments(d.Type, [new RowRef(id)]);
                yield return new RestoreDocuments(d.Type, [new RowRef(id)]);
            }
            yield return new ListSavedQueries(d.Type);
            yield return new SaveQuery(d.Type, "甲", new ListRequest(), true);
        }
        foreach (var tab in catalog.Modules.SelectMany(m => m.Definition.Tabs)) yield return new ListDocuments(tab.Type, new ListRequest { TiedTo = customer, TiedBy = tab.Name });
        foreach (var type in catalog.Modules.Select(m => m.Assembly).Append(typeof(IModule).Assembly).SelectMany(a => a.GetTypes()).Where(t => t is { IsClass: true, IsAbstract: false } && t.GetInterfaces().Any(IsMessage)))
            foreach (var id in new[] { 1, customer, contact })
                if (Make(type, id) is { } message) yield return message;
    }

    private static bool IsMessage(Type i) => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(ICommand<>) || i.GetGenericTypeDefinition() == typeof(IQuery<>));

    private static object? Make(Type type, long id)
    {
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        try
        {
            return constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType, id))]);
        }
        catch (Exception e) when (e is TargetInvocationException or ArgumentException or MissingMethodException)
        {
            return null;
        }
    }

    private static object? Value(Type t, long id) => t == typeof(string) ? "customer" : t == typeof(long) || t == typeof(long?) ? id : t.IsValueType ? Activator.CreateInstance(t)
        : t == typeof(IReadOnlyList<long>) ? new[] { id } : t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? Array.CreateInstance(t.GetGenericArguments()[0], 0) : null;

    /// <summary>What the handler makes of what it finds is not asked; its statements are.</summary>
    private static async Task Carry(Crm crm, Employee person, object message)
    {
        await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
        scope.Resolve<Caller>().ActAs(person.Id, "test");
        try
        {
            var result = message.GetType().GetInterfaces().Single(IsMessage).GetGenericArguments();
            await (Task)typeof(IMediator).GetMethods().Single(m => m is { Name: nameof(IMediator.Send), IsGenericMethod: true }).MakeGenericMethod(result).Invoke(scope.Resolve<IMediator>(), [message, CancellationToken.None])!;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            // Made from nothing, many a command ends in a refusal.
        }
    }
}
