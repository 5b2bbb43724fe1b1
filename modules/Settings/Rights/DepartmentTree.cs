using KuaipuCrm.Sdk;
using KuaipuCrm.Web.Controls;

namespace KuaipuCrm.Settings.Rights;

/// <summary>The departments as a tree to look at.</summary>
internal static class DepartmentTree
{
    /// <summary>Every department in the order of the tree, with its depth. One whose parent is gone stands at the top.</summary>
    public static IReadOnlyList<(Department Department, int Level)> Flat(IReadOnlyList<Department> departments)
    {
        var (known, below) = (departments.Select(d => d.Id).ToHashSet(), departments.ToLookup(d => d.ParentId));
        var flat = new List<(Department, int)>();
        var seen = new HashSet<long>();
        void Walk(IEnumerable<Department> level, int depth)
        {
            foreach (var d in level)
            {
                if (!seen.Add(d.Id)) continue;
                flat.Add((d, depth));
                Walk(below[d.Id], depth + 1);
            }
        }
        Walk(departments.Where(d => d.ParentId is not { } parent || !known.Contains(parent)), 0);
        return flat;
    }

    /// <summary>Nodes for a tree view, each with the number of people in use in it and below.</summary>
    public static IReadOnlyList<TreeNode> Nodes(IReadOnlyList<Department> departments, IReadOnlyDictionary<long, int> people)
    {
        var (known, below) = (departments.Select(d => d.Id).ToHashSet(), departments.ToLookup(d => d.ParentId));
        (TreeNode Node, int People) Node(Department d, int depth)
        {
            var children = depth > 30 ? [] : below[d.Id].Select(c => Node(c, depth + 1)).ToList();
            var count = people.GetValueOrDefault(d.Id) + children.Sum(c => c.People);
            return (new TreeNode(d.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), d.Name) { Icon = "sitemap", Detail = L($"{count} 人"), Children = [.. children.Select(c => c.Node)] }, count);
        }
        return [.. departments.Where(d => d.ParentId is not { } parent || !known.Contains(parent)).Select(d => Node(d, 0).Node)];
    }
}
