using KuaipuCrm.Sdk.Text;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "CUS-4")]
public sealed class PhoneTests
{
    [Theory]
    [InlineData("158 1948 2199", "15819482199"), InlineData("+86 158-1948-2199", "15819482199"), InlineData("008615819482199", "15819482199"), InlineData("８６１５８１９４８２１９９", "15819482199")]
    [InlineData("(0755) 2793-3677", "075527933677"), InlineData("86123456", "86123456"), InlineData("", "")]
    public void Ways_to_write_a_number_meet(string raw, string digits) => Assert.Equal(digits, Phone.Normalize(raw));

    [Theory]
    [InlineData("15016613186", true), InlineData("158 1948 2199", true), InlineData("+86 13800138000", true), InlineData("1380013800O", false), InlineData("138001", false)]
    [InlineData("+86 138", false), InlineData("abc", false), InlineData("12800138000", false), InlineData("13800138000转1", false), InlineData("+14155552671", false), InlineData("+1380013+8000", false), InlineData("", false)]
    public void A_mobile_is_told_from_what_is_none(string raw, bool mobile) => Assert.Equal(mobile, Phone.IsMobile(raw));

    [Theory]
    [InlineData("15016613186"), InlineData("0755-27933677"), InlineData("0755-2793-3677"), InlineData("(010) 62345678"), InlineData("０２１－５８８８１２３４"), InlineData("0755-27933677-801")]
    [InlineData("0755-27933677 转 801"), InlineData("010-62345678 ext. 12"), InlineData("400-123-4567"), InlineData("8008101234"), InlineData("+1 (415) 555-2671"), InlineData("0044 20 7946 0958")]
    [InlineData("+86 755 27933677"), InlineData("86-755-27933677"), InlineData("27933677"), InlineData("95588")]
    public void Any_usual_phone_is_taken(string raw) => Assert.True(Phone.IsPhone(raw));

    [Theory]
    [InlineData(""), InlineData("abc"), InlineData("12"), InlineData("138001"), InlineData("1380013800O"), InlineData("0755-279"), InlineData("+123456"), InlineData("+1234567890123456"), InlineData("-"), InlineData("转801"), InlineData("158194821991")]
    public void What_is_no_phone_is_refused(string raw) => Assert.False(Phone.IsPhone(raw));

    [Theory, Trait("req", "SEC-4")]
    [InlineData("138 0013 1234", "138****1234"), InlineData("0755-27936677", "0755-****6677"), InlineData("01062346677-801", "010-****6677"), InlineData("0577-8886677", "0577-***6677")]
    [InlineData("400-123-6677", "400-***6677"), InlineData("27936677", "****6677"), InlineData("+14155556677", "+*******6677"), InlineData("95588", "***88"), InlineData("abc", "****")]
    public void A_masked_number_keeps_its_kind_and_end(string raw, string masked) => Assert.Equal(masked, Phone.Mask(raw));

    [Theory, Trait("req", "SEC-4")]
    [InlineData("440301199001011234", "4403**********1234"), InlineData("E12345678", "E1*****78"), InlineData("123", "****")]
    public void A_masked_identity_number_keeps_its_ends(string raw, string masked) => Assert.Equal(masked, Phone.MaskIdNumber(raw));

    [Theory, Trait("req", "SEC-4")]
    [InlineData("zhang@example.com", "z***@example.com"), InlineData("no address", "***"), InlineData("@x", "***")]
    public void A_masked_address_keeps_its_domain(string raw, string masked) => Assert.Equal(masked, Phone.MaskEmail(raw));
}
