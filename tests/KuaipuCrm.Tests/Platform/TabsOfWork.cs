using KuaipuCrm.Web.Workspace;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>A tab is found again by its address (UI-3).</summary>
public class TabsOfWork
{
    [Fact, Trait("req", "UI-3")]
    public void A_new_contact_of_another_customer_is_another_tab_and_a_list_with_another_filter_is_not()
    {
        var work = new WorkTabs(new Nowhere());
        var first = work.Show("/customers/contacts/new?employerId=1", null);
        Assert.NotSame(first, work.Show("/customers/contacts/new?employerId=2", null));
        Assert.Same(first, work.Show("/customers/contacts/new?employerId=1", null));
        Assert.Same(work.Show("/customers/contacts?text=a", null), work.Show("/customers/contacts?text=b", null));
        work.Restore([("/customers/contacts/new?employerId=2", "新建联系人", "plus"), ("/customers/contacts/new", "新建联系人", "plus")]);
        Assert.Equal(4, work.Tabs.Count);
    }

    private sealed class Nowhere : NavigationManager;
}
