using System.Globalization;

namespace Bridge.Testing;

/// <summary>
/// Where random tests begin: each time at the same place, so that the suite says the same of the same code; with
/// BRIDGE_LONG=1 where nobody has been; with BRIDGE_SEED=n at n. A test prints the seed it failed with.
/// </summary>
public static class Seeds
{
    /// <summary>True for the long run.</summary>
    public static bool Long => Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1";

    /// <summary>The first seed.</summary>
    public static int First =>
        int.TryParse(Environment.GetEnvironmentVariable("BRIDGE_SEED"), CultureInfo.InvariantCulture, out var chosen) ? chosen
        : Long ? Random.Shared.Next(1 << 30) : 1;
}
