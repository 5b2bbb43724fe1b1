using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Events;

/// <summary>Which handlers each event has, and the names both have in the database.</summary>
public sealed class EventCatalog
{
    private readonly Dictionary<string, Type> events = [];
    private readonly Dictionary<string, Type> handlers = [];
    private readonly Dictionary<Type, string[]> subscribers = [];

    public EventCatalog(IEnumerable<Type> handlerTypes)
    {
        var pairs = from h in handlerTypes
                    from i in h.GetInterfaces()
                    where i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEventHandler<>)
                    select (Handler: h, Event: i.GetGenericArguments()[0]);
        foreach (var g in pairs.GroupBy(p => p.Event))
        {
            events[g.Key.FullName!] = g.Key;
            foreach (var p in g) handlers[p.Handler.FullName!] = p.Handler;
            subscribers[g.Key] = [.. g.Select(p => p.Handler.FullName!)];
        }
    }

    public string[] SubscribersOf(Type fact) => subscribers.GetValueOrDefault(fact, []);
    public Type? Event(string name) => events.GetValueOrDefault(name);
    public Type? Handler(string name) => handlers.GetValueOrDefault(name);
}
