using System.Security.Cryptography;
using System.Text.Json;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Roles;

/// <summary>A short sign for rights as they stand: two who edit the same role or user at once are told instead of one overwriting the other.</summary>
internal static class Marks
{
    public static string Of(RoleData r) => Of(new { Permissions = r.Permissions.Order(StringComparer.Ordinal), Grants = Plain(r.Grants), Entries = r.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => new { e.Key, Codes = e.Value.Order(StringComparer.Ordinal) }) });

    public static string Of(Person p) => Of(new { Roles = p.RoleIds.Order(), Grants = Plain(p.Grants) });

    private static IEnumerable<object> Plain(IReadOnlyList<ScopeGrant> grants) => grants.OrderBy(g => g.Type, StringComparer.Ordinal).Select(g => new { g.Type, g.Kind, Departments = g.Departments.Order() });

    private static string Of(object plain) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(plain)))[..16];
}
