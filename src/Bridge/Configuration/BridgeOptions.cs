namespace Bridge.Configuration;

/// <summary>
/// The operator's options. Each property is a command-line switch (<c>--udp-port</c>), a configuration key
/// (<c>Bridge:UdpPort</c>) and an environment variable (<c>Bridge__UdpPort</c>).
/// </summary>
public sealed class BridgeOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Bridge";

    /// <summary>Address or host name the HTTP server binds to; <c>*</c> for every interface.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>TCP port of pages, API and hub; 0 picks a free one.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>
    /// HTTPS with a certificate that this host makes for the machine's names and addresses, for other devices on the same network.
    /// </summary>
    public bool Https { get; set; }

    /// <summary>Path under which a proxy passes requests on unchanged, for instance <c>/voice</c>; empty when it takes the path away.</summary>
    public string PathBase { get; set; } = "";

    /// <summary>The media engine that is expected: <c>own</c> or <c>sipsorcery</c> (docs/engines.md); null for that of the program.</summary>
    public string? Engine { get; set; }

    /// <summary>UDP port (and TCP port for ICE-TCP) that carries every call; 0 picks a free one.</summary>
    public int UdpPort { get; set; } = 5081;

    /// <summary>Folder of role folders.</summary>
    public string Roles { get; set; } = "roles";

    /// <summary>Which private roles this host shows and serves: a name filter such as <c>*</c> or <c>acme-*</c>; empty for none.</summary>
    public string? PrivateRoles { get; set; }

    /// <summary>Folder for what calls leave behind (transcripts, notes).</summary>
    public string Data { get; set; } = "data";

    /// <summary>Addresses that clients reach this machine by when they are not its own (NAT 1:1, Docker).</summary>
    public IList<string> PublicAddresses { get; set; } = [];

    /// <summary>Origins of pages elsewhere that may embed a call, for instance <c>https://shop.example.org</c>.</summary>
    public IList<string> Origins { get; set; } = [];

    /// <summary>
    /// Names that browsers reach this host by, for instance <c>bridge.example.org</c>; a loopback binding takes localhost names
    /// besides, any other one IP addresses. <c>http://NAME</c> allows pages of that name without TLS.
    /// </summary>
    public IList<string> HostNames { get; set; } = [];

    /// <summary>Addresses of reverse proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are trusted.</summary>
    public IList<string> Proxies { get; set; } = [];

    /// <summary>Rules of who may call and who operates.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>Limits of one address, caller or page.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>Rules of what is kept of calls, where and for how long.</summary>
    public RecordOptions Records { get; set; } = new();

    /// <summary>
    /// Keep what the turn machine of each call takes and commands, to run it again: <c>on</c> as it happens, <c>last-minutes</c> in
    /// memory until the call ends, or <c>off</c>.
    /// </summary>
    public string FlightRecorder { get; set; } = "off";

    /// <summary>Receivers of events.</summary>
    public IList<WebHookOptions> WebHooks { get; set; } = [];

    /// <summary>Export to an OpenTelemetry collector.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>
    /// Redis server that several nodes share, <c>HOST:PORT,...</c> as StackExchange.Redis reads it (docs/cluster.md); empty for a host
    /// of its own.
    /// </summary>
    public string Redis { get; set; } = "";

    /// <summary>
    /// Secret of at least 32 characters, the same on all nodes, that snapshots of calls are encrypted with; empty: the first node makes
    /// one and leaves it in Redis.
    /// </summary>
    public string ClusterKey { get; set; } = "";

    /// <summary>Also offer loopback addresses as candidates, for clients on this machine alone.</summary>
    public bool Loopback { get; set; }

    /// <summary>Take calls over TCP on the media port too, for networks that block UDP.</summary>
    public bool IceTcp { get; set; } = true;

    /// <summary>Serve the lab endpoints (<c>POST /lab/echo</c>).</summary>
    public bool Lab { get; set; }

    /// <summary>
    /// Engine for Opus: <c>libopus</c> (the system's own), <c>concentus</c> (managed, nothing to install), or <c>auto</c>: libopus where
    /// the system has it, else Concentus.
    /// </summary>
    public string Codec { get; set; } = "auto";

    /// <summary>Most calls at once; a further Join is refused with <c>busy</c>.</summary>
    public int MaxCalls { get; set; } = 200;

    /// <summary>
    /// The memory of all calls together, for instance <c>2GB</c>; null is half of what the machine or the container has.
    /// </summary>
    public string? MaxMemory { get; set; }

    /// <summary>How long a call waits for a page that went away, in seconds.</summary>
    public int GraceSeconds { get; set; } = 30;

    /// <summary>
    /// Seconds for which running calls may go on when the host is told to stop; 0 ends them at once, with their recap. Inside an
    /// application the default is 0, and calls go on for at most half of its <c>HostOptions.ShutdownTimeout</c>.
    /// </summary>
    public int DrainSeconds { get; set; } = 30;

    /// <summary>How the rehearsal model speaks: <c>auto</c> (espeak-ng when installed), <c>synthetic</c>, or <c>timecode</c> (tones that tell where they are, for measurements).</summary>
    public string RehearsalVoice { get; set; } = "auto";

    /// <summary>The Realtime service; without a key the embedded rehearsal model answers.</summary>
    public OpenAiOptions OpenAi { get; set; } = new();

    /// <summary>The text model beside full-duplex models.</summary>
    public TextModelOptions TextModel { get; set; } = new();

    /// <summary>Prices of models, by their names; a role's <c>limits: { cost }</c> needs the price of its model.</summary>
    public IDictionary<string, PriceOptions> Prices { get; set; } = new Dictionary<string, PriceOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Budgets of cost and time.</summary>
    public BudgetOptions Budgets { get; set; } = new();

    /// <summary>TURN or STUN servers handed to pages.</summary>
    public IList<IceServerOptions> IceServers { get; set; } = [];
}
