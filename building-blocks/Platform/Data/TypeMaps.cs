using System.Data;
using System.Globalization;
using System.Reflection;
using Dapper;

namespace KuaipuCrm.Platform.Data;

/// <summary>Makes Dapper read the same C# types on all engines. Values on their way in are turned by <see cref="Engine.ToDb"/>.</summary>
public static class TypeMaps
{
    private static int done;

    /// <summary>Once a process, before the first query.</summary>
    public static void Register()
    {
        if (Interlocked.Exchange(ref done, 1) == 1) return;
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.TypeMapProvider = type => new ByName(type);
        foreach (var t in new[] { typeof(DateTime), typeof(DateTime?), typeof(DateOnly), typeof(DateOnly?) }) SqlMapper.RemoveTypeMap(t);
        SqlMapper.AddTypeHandler(new Instant());
        SqlMapper.AddTypeHandler(new Day());
    }

    private sealed class Instant : SqlMapper.TypeHandler<DateTime>
    {
        public override void SetValue(IDbDataParameter parameter, DateTime value)
        {
            // SQL Server's old datetime rounds to 3.33 ms: what was written would not compare equal.
            if (parameter is Microsoft.Data.SqlClient.SqlParameter) parameter.DbType = DbType.DateTime2;
            parameter.Value = value;
        }
        public override DateTime Parse(object value) => value switch
        {
            DateTime d => DateTime.SpecifyKind(d, DateTimeKind.Utc),
            string s => DateTime.Parse(s, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
            _ => throw new InvalidCastException($"{value.GetType()} is no instant."),
        };
    }

    private sealed class Day : SqlMapper.TypeHandler<DateOnly>
    {
        public override void SetValue(IDbDataParameter parameter, DateOnly value) => parameter.Value = value;
        public override DateOnly Parse(object value) => value switch
        {
            DateOnly d => d,
            DateTime d => DateOnly.FromDateTime(d),
            string s => DateOnly.Parse(s.AsSpan(0, 10), CultureInfo.InvariantCulture),
            _ => throw new InvalidCastException($"{value.GetType()} is no day."),
        };
    }

    /// <summary>Finds a record's constructor by names alone: SQLite hands out long and string where the servers hand out bit and time.</summary>
    private sealed class ByName(Type type) : SqlMapper.ITypeMap
    {
        private readonly DefaultTypeMap inner = new(type);

        public ConstructorInfo? FindConstructor(string[] names, Type[] types)
        {
            var plain = names.Select(Plain).ToArray();
            return type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
                       .FirstOrDefault(c => c.GetParameters() is { Length: > 0 } p && p.Length == plain.Length && p.Select(x => x.Name!.ToLowerInvariant()).SequenceEqual(plain))
                   ?? inner.FindConstructor(names, types);
        }

        public ConstructorInfo? FindExplicitConstructor() => inner.FindExplicitConstructor();

        public SqlMapper.IMemberMap? GetConstructorParameter(ConstructorInfo constructor, string columnName) =>
            constructor.GetParameters().FirstOrDefault(p => p.Name!.Equals(Plain(columnName), StringComparison.OrdinalIgnoreCase)) is { } found ? new Parameter(columnName, found) : null;

        public SqlMapper.IMemberMap? GetMember(string columnName) => inner.GetMember(columnName);

        private static string Plain(string name) => name.Replace("_", "").ToLowerInvariant();
    }

    private sealed record Parameter(string ColumnName, ParameterInfo Found) : SqlMapper.IMemberMap
    {
        public Type MemberType => Found.ParameterType;
        public PropertyInfo? Property => null;
        public FieldInfo? Field => null;
        ParameterInfo? SqlMapper.IMemberMap.Parameter => Found;
    }
}
