using KuaipuCrm.Platform.Data;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Null is the smallest on PostgreSQL, too (OPS-2).</summary>
[Trait("req", "OPS-2")]
public class NullsInOrder
{
    [Theory]
    [InlineData("select a from t order by a, id desc limit 5 offset 0", "select a from t order by a nulls first, id desc nulls last limit 5 offset 0")]
    [InlineData("select a from t order by a.id limit 1", "select a from t order by a.id limit 1")]
    [InlineData("select a from t order by id desc", "select a from t order by id desc")]
    [InlineData("select x.a from (select a from t order by a desc limit @p0) x join u on u.a = x.a order by case when u.b in (1, 2) then 1 else 0 end, coalesce(u.c, 'limit, x') desc for update of u",
        "select x.a from (select a from t order by a desc nulls last limit @p0) x join u on u.a = x.a order by case when u.b in (1, 2) then 1 else 0 end nulls first, coalesce(u.c, 'limit, x') desc nulls last for update of u")]
    [InlineData("select row_number() over (partition by a order by b, c desc) from t order by a nulls last, b", "select row_number() over (partition by a order by b nulls first, c desc nulls last) from t order by a nulls last, b nulls first")]
    [InlineData("select a from t order by (select max(b) from u order by c, d), a", "select a from t order by (select max(b) from u order by c nulls first, d nulls first) nulls first, a nulls first")]
    [InlineData("select a from t order by d.event_id, d.handler limit 1 for update skip locked", "select a from t order by d.event_id, d.handler limit 1 for update skip locked")]
    [InlineData("select a from t where document_id = @p0 order by document_id desc, id desc", "select a from t where document_id = @p0 order by document_id desc nulls last, id desc nulls last")]
    [InlineData("select order_by from t", "select order_by from t")]
    public void Each_term_says_where_nulls_go_unless_it_is_the_key_alone(string sql, string said) => Assert.Equal(said, NullsOrder.Say(sql));
}
