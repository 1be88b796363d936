using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Signaling;
using Bridge.Testing.Lab;
using Microsoft.AspNetCore.SignalR.Client;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// One caller: our own peer with a socket of its own, an Opus packet every 20 ms on a clock that all callers share, and its notes of what
/// came back when. In a full call its page asks in writing as soon as the answer before has been silent for a moment.
/// </summary>
internal sealed class LoadCaller : IAsyncDisposable
{
    private const int Remembered = 256; // packets that may be on their way
    private static readonly long Pause = Stopwatch.Frequency * 2 / 5; // after an answer
    private static readonly long Impatience = Stopwatch.Frequency * 5; // without an answer

    private readonly LabClient _client;
    private readonly PacketClock _clock;
    private readonly byte[][] _packets;
    private readonly int _number;
    private readonly bool _asks;
    private readonly long[] _sentAt = new long[Remembered];
    private readonly OpusCodec? _ear;
    private readonly short[] _pcm = new short[5760];
    private readonly Lock _noting = new();
    private HubConnection? _hub;
    private PacketClockTicket? _ticket;
    private LoadNotes _notes = new();
    private Arrivals _arrivals;
    private int _sent;
    private int _requests;
    private long _askAt = long.MaxValue;
    private bool _tone;

    /// <param name="identity">Shared by the callers.</param>
    /// <param name="clock">Shared by the callers.</param>
    /// <param name="packets">Sent over and over.</param>
    /// <param name="number">From 0.</param>
    /// <param name="path"><c>rtp</c>, <c>call</c> or <c>full</c>.</param>
    /// <param name="listens">Decodes what comes back, to hear its own tones.</param>
    internal LoadCaller(DtlsIdentity identity, PacketClock clock, byte[][] packets, int number, string path, bool listens)
    {
        (_clock, _packets, _number, _asks) = (clock, packets, number, path == "full");
        _ear = listens ? new OpusCodec(new OpusCodecOptions { SampleRate = 48_000 }) : null;
        _client = new LabClient(identity) { Label = _asks ? "bridge" : "echo", PacketHeard = Heard };
        Path = path;
    }

    /// <summary>Which way through the host.</summary>
    internal string Path { get; }

    /// <summary>Connects, and begins to speak.</summary>
    internal async Task ConnectAsync(Uri host)
    {
        if (_asks)
        {
            _hub = new HubConnectionBuilder()
                .WithUrl(new Uri(host, "/signal"), options =>
                {
                    options.SkipNegotiation = true;
                    options.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
                })
                .Build();
            await _hub.StartAsync();
            JoinReply joined = await _hub.InvokeAsync<JoinReply>("Join", new JoinRequest("teller"));
            await _client.ConnectAsync(
                async offer => (await _hub.InvokeAsync<OfferReply>("Offer", new OfferRequest(joined.CallId, offer))).Sdp);
            Request("page/hello", new { tools = Array.Empty<object>() });

            // People do not ask in time with one another: the first questions are spread evenly, by the golden ratio.
            Volatile.Write(ref _askAt, Stopwatch.GetTimestamp() + (long)(Impatience * (_number * 0.618034 % 1)));
        }
        else
        {
            await _client.ConnectAsync(host, Path);
        }

        _ticket = _clock.Add(_ => Tick());
    }

    /// <summary>The notes since the last time.</summary>
    internal LoadNotes Take()
    {
        lock (_noting)
        {
            LoadNotes taken = _notes;
            _notes = new LoadNotes();
            return taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ticket?.Dispose();
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
            _client.Dispose();
        }
        else
        {
            await _client.EndAsync();
        }

        _ear?.Dispose();
    }

    private bool Tick()
    {
        long now = Stopwatch.GetTimestamp();
        int packet = _sent++;
        _sentAt[packet % Remembered] = now;
        if (Path != "rtp" && Microphone.IsTone(packet % _packets.Length))
        {
            lock (_noting)
            {
                _notes.Tones.Add(now);
            }
        }

        _client.SendAudio(_packets[packet % _packets.Length], (uint)packet * 960);
        if (now > Volatile.Read(ref _askAt))
        {
            Volatile.Write(ref _askAt, now + Impatience);
            Request("page/text", new { text = string.Create(CultureInfo.InvariantCulture, $"And now, {LoadMarks.Name}{_number}?") });
        }

        return true;
    }

    private void Heard(in RtpPacket packet)
    {
        long now = Stopwatch.GetTimestamp();
        lock (_noting)
        {
            _notes.Packets++;
            if (Path == "rtp")
            {
                _notes.RoundTrips.Add(Milliseconds(now - _sentAt[packet.Timestamp / 960 % Remembered]));
            }

            if (_arrivals.Add(now, packet.Timestamp, packet.Marker, _notes))
            {
                _notes.Firsts.Add(now);
            }

            if (_ear is not null)
            {
                bool tone = Microphone.HasTone(_pcm.AsSpan(0, Math.Max(0, _ear.Decode(packet.Payload, _pcm))));
                if (tone && !_tone)
                {
                    _notes.Returned.Add(now);
                }

                _tone = tone;
            }
        }

        if (_asks)
        {
            Volatile.Write(ref _askAt, now + Pause);
        }
    }

    private void Request(string method, object parameters) => _client.SendText(
        JsonSerializer.SerializeToUtf8Bytes(new { jsonrpc = "2.0", id = ++_requests, method, @params = parameters }));

    internal static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
