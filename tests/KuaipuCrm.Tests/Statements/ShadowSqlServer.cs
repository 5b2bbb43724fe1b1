using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tests.Statements;

/// <summary>The SQL Server dialect without a server: every statement is finished and recorded as it would be sent, and finds no rows.</summary>
internal sealed class ShadowSqlServer : Engine
{
    private readonly SqlServerEngine real = new("Server=nowhere;Database=none");
    private long drawn = 1_000_000;

    public override string Name => real.Name;
    public override DbConnection Create(bool write = false) => new NoConnection();
    public override Sql Page(int take, long skip = 0) => real.Page(take, skip);
    public override Sql Contains(Sql column, string text) => real.Contains(column, text);
    public override Sql StartsWith(Sql column, string text) => real.StartsWith(column, text);
    public override Sql In(Sql column, IReadOnlyCollection<long> ids) => real.In(column, ids);
    public override Sql In(Sql column, IReadOnlyCollection<string> texts) => real.In(column, texts);
    public override string Nulls(bool descending) => real.Nulls(descending);
    public override string ByIndex(string index) => real.ByIndex(index);
    public override object? ToDb(object? value) => real.ToDb(value);
    public override bool IsTransient(Exception e) => false;
    public override string? UniqueIndexOf(Exception e) => null;
    public override string? Trouble(Exception e) => null;
    public override Task<DbTransaction> Begin(DbConnection connection, CancellationToken ct) => Task.FromResult<DbTransaction>(new NoTransaction(connection));
    public override Task<DbTransaction> Snapshot(DbConnection connection, CancellationToken ct) => Begin(connection, ct);
    public override Task<long> Draw(DbConnection connection, DbTransaction? transaction, string name, long count, CancellationToken ct) => Task.FromResult(drawn += count);
    public override Task Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct)
    {
        Recorder?.Invoke($"insert into {Table(table)} ({string.Join(", ", columns)}) values ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))})");
        return Task.CompletedTask;
    }

    private sealed class NoTransaction(DbConnection connection) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;
        protected override DbConnection DbConnection => connection;
        public override void Commit() { }
        public override void Rollback() { }
    }

    private sealed class NoConnection : DbConnection
    {
        private ConnectionState state;
        [AllowNull] public override string ConnectionString { get; set; } = "";
        public override string Database => "none";
        public override string DataSource => "nowhere";
        public override string ServerVersion => "16";
        public override ConnectionState State => state;
        public override void ChangeDatabase(string databaseName) { }
        public override void Open() => state = ConnectionState.Open;
        public override void Close() => state = ConnectionState.Closed;
        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => new NoTransaction(this);
        protected override DbCommand CreateDbCommand() => new NoCommand();
    }

    private sealed class NoCommand : DbCommand
    {
        [AllowNull] public override string CommandText { get; set; } = "";
        public override int CommandTimeout { get; set; }
        public override CommandType CommandType { get; set; }
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get; set; }
        protected override DbTransaction? DbTransaction { get; set; }
        protected override DbParameterCollection DbParameterCollection { get; } = new NoParameters();
        public override void Cancel() { }
        public override void Prepare() { }
        public override int ExecuteNonQuery() => 1;
        public override object? ExecuteScalar() => null;
        protected override DbParameter CreateDbParameter() => new Microsoft.Data.SqlClient.SqlParameter();
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => new DataTable().CreateDataReader();
    }

    private sealed class NoParameters : DbParameterCollection
    {
        private readonly List<object> all = [];
        public override int Count => all.Count;
        public override object SyncRoot => all;
        public override int Add(object value) { all.Add(value); return all.Count - 1; }
        public override void AddRange(Array values) => all.AddRange(values.Cast<object>());
        public override void Clear() => all.Clear();
        public override bool Contains(object value) => all.Contains(value);
        public override bool Contains(string value) => IndexOf(value) >= 0;
        public override void CopyTo(Array array, int index) => ((ICollection)all).CopyTo(array, index);
        public override IEnumerator GetEnumerator() => all.GetEnumerator();
        public override int IndexOf(object value) => all.IndexOf(value);
        public override int IndexOf(string parameterName) => all.FindIndex(p => ((DbParameter)p).ParameterName == parameterName);
        public override void Insert(int index, object value) => all.Insert(index, value);
        public override void Remove(object value) => all.Remove(value);
        public override void RemoveAt(int index) => all.RemoveAt(index);
        public override void RemoveAt(string parameterName) => all.RemoveAt(IndexOf(parameterName));
        protected override DbParameter GetParameter(int index) => (DbParameter)all[index];
        protected override DbParameter GetParameter(string parameterName) => (DbParameter)all[IndexOf(parameterName)];
        protected override void SetParameter(int index, DbParameter value) => all[index] = value;
        protected override void SetParameter(string parameterName, DbParameter value) => all[IndexOf(parameterName)] = value;
    }
}
