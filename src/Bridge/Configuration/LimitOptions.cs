namespace Bridge.Configuration;

/// <summary>
/// Rates and numbers that a person never meets and a script does at once; configuration section <c>Bridge:Limits</c>.
/// docs/access.md has the reason of each. An address is an IPv4 address or a /64 of IPv6.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>Joins of one address at once, and of one caller; each is given back after <see cref="JoinSeconds"/>.</summary>
    public int Joins { get; set; } = 40;

    /// <summary>Seconds after which an address may join once more.</summary>
    public double JoinSeconds { get; set; } = 1;

    /// <summary>Hub connections without a ticket that one address holds at once.</summary>
    public int ConnectionsPerAddress { get; set; } = 200;

    /// <summary>Calls that one address holds at once.</summary>
    public int CallsPerAddress { get; set; } = 40;

    /// <summary>Calls that one caller with a ticket holds at once, unless the ticket says it.</summary>
    public int CallsPerCaller { get; set; } = 5;

    /// <summary>
    /// Share of <see cref="BridgeOptions.MaxCalls"/> in per cent that is kept for callers with a ticket, where tickets are taken.
    /// </summary>
    public int ReservedPercent { get; set; } = 10;

    /// <summary>Seconds until a line without an offer is given back.</summary>
    public double OfferSeconds { get; set; } = 15;

    /// <summary>Offers of one call at once; each is given back after 2 s.</summary>
    public int Offers { get; set; } = 60;

    /// <summary>Offers of one address at once, and of one caller; five are given back a second.</summary>
    public int OffersPerAddress { get; set; } = 300;

    /// <summary>Texts of one page at once; each is given back after 1 s.</summary>
    public int Texts { get; set; } = 20;

    /// <summary>Images of one page at once; each is given back after 2 s.</summary>
    public int Images { get; set; } = 100;

    /// <summary>Hello messages of one page at once; each is given back after 1 s.</summary>
    public int Hellos { get; set; } = 30;

    /// <summary>The memory of one call for data of its page and its model, for instance <c>96MB</c>.</summary>
    public string CallMemory { get; set; } = "96MB";

    /// <summary>Notifications of one page at once; 50 are given back a second.</summary>
    public int Notifications { get; set; } = 500;

    /// <summary>Keys of a telephone keypad of one call at once; each is given back after 0.5 s.</summary>
    public int Digits { get; set; } = 60;
}
