using Bridge.Rtc.Ice;

namespace Bridge.Rtc.Tests.Ice;

public sealed class RouteTableTests
{
    private static readonly Instant Now = new(99);
    private static readonly Route Here = new(TransportAddress.FromIPv4(0xC0000201, 1000), 0);

    [Fact]
    public void Three_times_the_bytes_that_came_may_leave_and_not_one_more()
    {
        var routes = new RouteTable(limited: true);
        routes.Add(Here, Now, 100, keep: null);
        Assert.True(routes.TrySpend(Here, 299));
        Assert.False(routes.TrySpend(Here, 2));
        Assert.True(routes.TrySpend(Here, 1));
        Assert.False(routes.TrySpend(Here, 1));
        routes.Credit(Here, 10);
        Assert.True(routes.TrySpend(Here, 30));
        Assert.False(routes.TrySpend(Here, 1));
    }

    [Fact]
    public void A_validated_address_has_no_limit_and_says_whether_something_was_withheld()
    {
        var routes = new RouteTable(limited: true);
        routes.Add(Here, Now, 100, keep: null);
        Assert.False(routes.TrySpend(Here, 301));
        Assert.False(routes.IsValidated(Here));
        Assert.True(routes.Validate(Here));
        Assert.False(routes.Validate(Here));
        Assert.True(routes.IsValidated(Here));
        Assert.True(routes.TrySpend(Here, 1_000_000));
    }

    [Fact]
    public void A_TCP_connection_is_its_own_proof_and_a_client_has_no_limit()
    {
        var routes = new RouteTable(limited: true);
        Route tcp = new(TransportAddress.FromIPv4(0xC0000201, 1000, TransportProtocol.Tcp), 1);
        routes.Add(tcp, Now, 100, keep: null);
        Assert.True(routes.IsValidated(tcp));
        Assert.True(routes.TrySpend(tcp, 100_000));
        var client = new RouteTable(limited: false);
        client.Add(Here, Now, 0, keep: null);
        Assert.True(client.TrySpend(Here, 100_000));
    }

    [Fact]
    public void A_forgotten_address_that_comes_again_begins_anew()
    {
        var routes = new RouteTable(limited: true);
        routes.Add(Here, Now, 100, keep: null);
        routes.Validate(Here);
        for (uint i = 0; i < 16; i++)
        {
            routes.Add(Here with { Remote = TransportAddress.FromIPv4(i, 5) }, Now, 100, keep: null);
        }

        Assert.False(routes.Contains(Here));
        routes.Add(Here, Now, 50, keep: null);
        Assert.False(routes.IsValidated(Here));
        Assert.True(routes.TrySpend(Here, 150));
        Assert.False(routes.TrySpend(Here, 1));
    }
}
