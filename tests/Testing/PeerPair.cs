using System.Net;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;

namespace Bridge.Testing;

/// <summary>A client and a server on a virtual network, driven by one virtual clock that starts at an arbitrary instant.</summary>
public sealed class PeerPair : IDisposable
{
    private readonly Dictionary<TransportAddress, Side> _sides = [];
    private readonly PriorityQueue<Action, (long Ticks, long Number)> _actions = new();
    private long _actionNumber;

    /// <summary>Makes both peers; nothing is exchanged yet.</summary>
    /// <param name="seed">Determines everything: entropy, network, start of time.</param>
    /// <param name="clientOptions">Changes the client.</param>
    /// <param name="serverOptions">Changes the server.</param>
    /// <param name="identities">Makes an identity per side; null for the fake one.</param>
    /// <param name="serverAddresses">Where the server listens; null for one IPv4 address. "tcp:" in front makes it TCP.</param>
    /// <param name="clientAddresses">The client's sockets; null for one IPv4 address.</param>
    public PeerPair(
        int seed,
        Func<RtcPeerOptions, RtcPeerOptions>? clientOptions = null,
        Func<RtcPeerOptions, RtcPeerOptions>? serverOptions = null,
        Func<IEntropy, DtlsIdentity>? identities = null,
        string[]? serverAddresses = null,
        string[]? clientAddresses = null)
    {
        Seed = seed;
        identities ??= entropy => new FakeDtlsIdentity(entropy);
        Now = new Instant(new Random(seed).NextInt64(-(1L << 60), 1L << 60));
        Start = Now;
        Network = new VirtualNetwork(seed);
        Client = new Side(
            this, RtcRole.Client, new SeededEntropy(seed * 2), identities, clientAddresses ?? ["192.0.2.1:40000"], clientOptions);
        Server = new Side(
            this, RtcRole.Server, new SeededEntropy((seed * 2) + 1), identities, serverAddresses ?? ["198.51.100.1:5081"], serverOptions);
    }

    public int Seed { get; }

    public Instant Start { get; }

    public Instant Now { get; private set; }

    public TimeSpan Elapsed => Now - Start;

    public VirtualNetwork Network { get; }

    /// <summary>Changes each offer on its way to the server.</summary>
    public Func<string, string>? ChangeOffer { get; set; }

    public Side Client { get; }

    public Side Server { get; }

    /// <summary>Exchanges offer and answer, out of band and at once.</summary>
    public PeerPair Negotiate()
    {
        string offer = Client.Peer.CreateOffer(Now);
        offer = ChangeOffer?.Invoke(offer) ?? offer;
        if (!Server.Peer.TryAnswer(Now, offer, out string? answer, out string? refusal))
        {
            throw new InvalidOperationException($"Refused: {refusal}");
        }

        if (!Client.Peer.TryAcceptAnswer(Now, answer, out refusal))
        {
            throw new InvalidOperationException($"Answer refused: {refusal}");
        }

        return this;
    }

    /// <summary>Negotiates and runs until both are connected.</summary>
    public PeerPair Connect(TimeSpan? within = null)
    {
        Negotiate();
        RunUntil(
            () => Client.Peer.State == RtcPeerState.Connected && Server.Peer.State == RtcPeerState.Connected,
            within ?? TimeSpan.FromSeconds(30),
            "both connected");
        return this;
    }

    /// <summary>Does something at a later time.</summary>
    public void At(TimeSpan fromNow, Action action) => _actions.Enqueue(action, ((Now + fromNow).Ticks, _actionNumber++));

    /// <summary>Does something every so often, from now on, a number of times.</summary>
    public void Every(TimeSpan interval, int times, Action<int> action)
    {
        for (int i = 0; i < times; i++)
        {
            int number = i;
            At(interval * i, () => action(number));
        }
    }

    public void RunFor(TimeSpan span)
    {
        Instant end = Now + span;
        Drive(() => false, end);
        Now = end;
    }

    /// <summary>Runs until something is true; fails with the seed when it does not become so in time.</summary>
    public void RunUntil(Func<bool> condition, TimeSpan within, string what)
    {
        if (!Drive(condition, Now + within))
        {
            throw new TimeoutException(
                $"Not within {within}: {what}. Seed {Seed}. Client {Client.Peer.State} ({Client.Peer.Failure}), server {Server.Peer.State} "
                    + $"({Server.Peer.Failure}).");
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private bool Drive(Func<bool> condition, Instant end)
    {
        const int StuckAfter = 1_000_000;
        int stepsAtOneInstant = 0;
        while (true)
        {
            Client.Advance();
            Server.Advance();
            if (condition())
            {
                return true;
            }

            Instant next = Instant.Min(Instant.Min(Client.Next.At, Server.Next.At), Network.NextArrival);
            if (_actions.TryPeek(out _, out (long Ticks, long Number) at))
            {
                next = Instant.Min(next, new Instant(at.Ticks));
            }

            if (next > end)
            {
                return false;
            }

            stepsAtOneInstant = next > Now ? 0 : stepsAtOneInstant + 1;
            if (stepsAtOneInstant > StuckAfter)
            {
                throw new InvalidOperationException(
                    $"Time stands still: client wants {Client.Next.Why}, server wants {Server.Next.Why}. Seed {Seed}.");
            }

            if (next > Now)
            {
                Now = next;
            }

            while (_actions.TryPeek(out Action? action, out at) && at.Ticks <= Now.Ticks)
            {
                _actions.Dequeue();
                action();
            }

            while (Network.TryReceive(Now, out TransportAddress from, out TransportAddress to, out byte[] datagram))
            {
                if (_sides.TryGetValue(to, out Side? side))
                {
                    side.Receive(from, to, datagram);
                }
            }
        }
    }

    /// <summary>One of the two peers with its sockets.</summary>
    public sealed class Side : IDisposable
    {
        private readonly PeerPair _pair;
        private readonly DtlsIdentity _identity;
        private readonly TransportAddress[] _addresses;

        internal Side(
            PeerPair pair,
            RtcRole role,
            SeededEntropy entropy,
            Func<IEntropy, DtlsIdentity> identities,
            string[] addresses,
            Func<RtcPeerOptions, RtcPeerOptions>? change)
        {
            _pair = pair;
            _identity = identities(entropy);
            _addresses = [.. addresses.Select(a => a.StartsWith("tcp:", StringComparison.Ordinal)
                ? TransportAddress.From(IPEndPoint.Parse(a[4..]), TransportProtocol.Tcp)
                : TransportAddress.From(IPEndPoint.Parse(a)))];
            Sink = new RecordingSink((datagram, to) => pair.Network.Send(pair.Now, _addresses[to.Local], to.Remote, datagram));
            var options = new RtcPeerOptions
            {
                Identity = _identity,
                Role = role,
                LocalCandidates = [.. _addresses.Select((a, i) => new LocalCandidate(a, i))],
            };
            Peer = new RtcPeer(pair.Now, entropy, change?.Invoke(options) ?? options);
            foreach (TransportAddress address in _addresses)
            {
                pair._sides.Add(address, this);
            }
        }

        public RtcPeer Peer { get; }

        public RecordingSink Sink { get; }

        public Deadline Next { get; private set; } = Deadline.Never;

        public TransportAddress Address => _addresses[0];

        /// <summary>Sends one packet of made-up audio: its number is the payload's first bytes.</summary>
        public bool SendAudio(int number, uint samples = 960, int length = 80)
        {
            byte[] payload = new byte[length];
            BitConverter.TryWriteBytes(payload, number);
            return Peer.TrySendAudio(_pair.Now, payload, (uint)number * samples, marker: number == 0);
        }

        public DataSendResult Send(ushort stream, byte[] message, bool binary = true) => Peer.Send(_pair.Now, stream, message, binary);

        public void Dispose()
        {
            Peer.Dispose();
            _identity.Dispose();
        }

        internal void Receive(TransportAddress from, TransportAddress to, byte[] datagram)
        {
            Peer.Receive(_pair.Now, datagram, new Route(from, Array.IndexOf(_addresses, to)));
            Advance();
        }

        internal void Advance() => Next = Peer.Advance(_pair.Now, Sink);
    }
}
