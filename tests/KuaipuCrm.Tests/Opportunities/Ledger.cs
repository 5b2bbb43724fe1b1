using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>The ledger of how opportunities stood: its last word on each is what stands.</summary>
internal static class Ledger
{
    public static async Task IsTrue(Crm crm, IReadOnlyCollection<long> deals)
    {
        static Sql Any(string type) => Sql.Trusted($"{Sql.Guard}{type}{Sql.Guard} 1 = 1");
        var db = crm.Db;
        var rows = (await db.Query<Row>($"select o.id, case when o.deleted_at is null then o.status else 'deleted' end as status, o.stage_id, o.amount, o.weighted, o.sign_date, o.owner_id from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), deals)} and {Any("opportunity")}")).OrderBy(r => r.Id).ToList();
        var last = (await db.Query<Row>($"""
            select s.opportunity_id as id, s.status, s.stage_id, s.amount, s.weighted, s.sign_date, s.owner_id from (
                select s.*, row_number() over (partition by s.opportunity_id order by s.at desc, s.id desc) as place from opportunities.state s where {db.Dialect.In(Sql.Trusted("s.opportunity_id"), deals)}) s where s.place = 1
            """)).OrderBy(r => r.Id).ToList();
        Assert.NotEmpty(rows);
        Assert.Equal(rows, last);
    }

    private sealed record Row(long Id, string Status, long StageId, long? Amount, long? Weighted, DateOnly? SignDate, long? OwnerId);
}
