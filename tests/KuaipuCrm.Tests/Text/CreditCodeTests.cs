using KuaipuCrm.Customers;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "CUS-1")]
public sealed class CreditCodeTests
{
    // Published codes: Huawei Technologies, Tencent Computer Systems, and Alibaba (China) Network.
    [Theory]
    [InlineData("914403001922038216"), InlineData("9144030071526726XG"), InlineData("91330100716105852F"), InlineData(" 9144 0300-7152 6726xg ")]
    public void A_published_code_is_right(string code) => Assert.True(CreditCode.IsValid(code));

    [Theory]
    [InlineData("91440300192203821", "17 位"), InlineData("91440300I922038216", "字母 I"), InlineData("914403001922038217", "校验位"), InlineData("91440300192203中816", "“中”"), InlineData("", "0 位")]
    public void What_is_wrong_is_told(string code, string says) => Assert.Contains(says, CreditCode.Problem(code), StringComparison.Ordinal);

    [Fact]
    public void Made_codes_are_right_and_different()
    {
        var codes = Enumerable.Range(0, 2_000).Select(CreditCode.Make).ToList();
        Assert.All(codes, code => Assert.Null(CreditCode.Problem(code)));
        Assert.Equal(codes.Count, codes.Distinct().Count());
    }

    [Fact]
    public void Exchanged_neighbours_are_noticed()
    {
        var code = CreditCode.Make(1_234_567);
        for (var i = 10; i < 16; i++)
            if (code[i] != code[i + 1])
                Assert.False(CreditCode.IsValid($"{code[..i]}{code[i + 1]}{code[i]}{code[(i + 2)..]}"));
    }
}
