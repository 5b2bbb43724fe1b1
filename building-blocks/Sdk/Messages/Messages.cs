using MediatR;

namespace KuaipuCrm.Sdk;

/// <summary>Changes something. Runs in one transaction together with its history and its events.</summary>
public interface ICommand<out TResult> : IRequest<TResult>;

/// <summary>Reads something. Runs outside a transaction and never writes.</summary>
public interface IQuery<out TResult> : IRequest<TResult>;

/// <summary>Carries out a command; found by scan, registered nowhere.</summary>
public interface ICommandHandler<in TCommand, TResult> : IRequestHandler<TCommand, TResult> where TCommand : ICommand<TResult>;

/// <summary>Answers a query; found by scan, registered nowhere.</summary>
public interface IQueryHandler<in TQuery, TResult> : IRequestHandler<TQuery, TResult> where TQuery : IQuery<TResult>;

/// <summary>A fact other modules may care about. Named in the past tense, carries ids and values, never entities.</summary>
/// <remarks>Only additive changes: events rest in the outbox.</remarks>
public interface IIntegrationEvent : INotification
{
    /// <summary>The document the fact is about. Events of one document reach a handler in order.</summary>
    long DocumentId { get; }
}

/// <summary>Reacts to an event of another module, in a transaction of its own, with effect exactly once.</summary>
/// <remarks>Database work only: mail, HTTP and files are asked for by a row, never called here.</remarks>
public interface IEventHandler<in TEvent> : INotificationHandler<TEvent> where TEvent : IIntegrationEvent;

/// <summary>Publishes events with the running command: they exist if, and only if, it commits.</summary>
public interface IEvents
{
    /// <summary>Adds the fact to the running command's outbox.</summary>
    void Publish(IIntegrationEvent fact);

    /// <summary>Those of the documents of which the handler has not heard everything yet: for acts that must not go by what is about to change.</summary>
    Task<IReadOnlyList<long>> Unheard<THandler>(IReadOnlyCollection<long> documents, CancellationToken ct = default);
}

/// <summary>The way from a page to the modules: each call in a scope of its own, under the user's rights of this moment.</summary>
/// <remarks>A circuit lives for hours; nothing that belongs to one call may live in its scope.</remarks>
public interface ISend
{
    /// <summary>Carries out a command as the signed-in user.</summary>
    Task<TResult> Send<TResult>(ICommand<TResult> command, CancellationToken ct = default);

    /// <summary>Asks a question as the signed-in user.</summary>
    Task<TResult> Ask<TResult>(IQuery<TResult> query, CancellationToken ct = default);
}

/// <summary>Nothing to return.</summary>
public readonly record struct Done;
