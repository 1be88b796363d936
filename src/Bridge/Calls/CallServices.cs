using Bridge.Audio;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Roles;
using Bridge.Store;
using Bridge.Tools;
using Bridge.Transport;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>What every call needs of its host.</summary>
internal sealed class CallServices(
    MediaPeerFactory peers, PacketClock clock, AudioCodecs codecs, ModelDirectory models, TimeProvider time, CallStore store, BridgeMetrics metrics, ToolServices tools, RoleCatalog roles, IOptions<BridgeOptions> options, ILogger<Call> logger)
{
    public MediaPeerFactory Peers => peers;

    public PacketClock Clock => clock;

    public AudioCodecs Codecs => codecs;

    public ModelDirectory Models => models;

    public TimeProvider Time => time;

    public CallStore Store => store;

    public BridgeMetrics Metrics => metrics;

    public ToolServices Tools => tools;

    public RoleCatalog Roles => roles;

    public ILogger Logger => logger;

    /// <summary>What the model of a role costs; null when the operator named no price.</summary>
    public PriceOptions? PriceOf(Role role) => options.Value.Prices.TryGetValue(models.Describe(role).Name, out var price) ? price : null;

    /// <summary>How long a call waits for a page that went away.</summary>
    public TimeSpan GraceTime => TimeSpan.FromSeconds(options.Value.GraceSeconds);

    /// <summary>How long a call waits for its page's first hello: the person may have to find the microphone first.</summary>
    public TimeSpan JoinTime { get; } = TimeSpan.FromMinutes(2);
}
