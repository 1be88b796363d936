using Bridge.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Calls;

/// <summary>Clocks of hosts that are not there.</summary>
internal static class Clocks
{
    /// <summary>A clock that stands still until <paramref name="time"/> is moved on.</summary>
    public static HostClock Virtual(FakeTimeProvider? time = null) => Of(time ?? new FakeTimeProvider());

    /// <summary>The system's.</summary>
    public static HostClock Real() => Of(TimeProvider.System);

    /// <summary>One over any provider of time.</summary>
    public static HostClock Of(TimeProvider time) => new(time, new CallbackGuard(NullLogger<CallbackGuard>.Instance));
}
