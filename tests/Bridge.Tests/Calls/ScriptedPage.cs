using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Bridge.Rtc;
using Bridge.Timing;
using Bridge.Transport;

namespace Bridge.Tests.Calls;

/// <summary>A page without a network: a peer that is connected as soon as it has answered, and keeps what it is sent.</summary>
internal sealed class ScriptedPage(IMediaPeerObserver call, HostClock clock) : IMediaPeer
{
    private readonly Channel<JsonElement> _sent = Channel.CreateUnbounded<JsonElement>();
    private readonly List<JsonElement> _notified = [];
    private readonly List<TimeSpan> _heard = [];
    private readonly List<byte[]> _packets = [];
    private readonly ThreadLocal<bool> _delivering = new();
    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Open as long as the network takes what is sent; while it is not, whoever sends stands still.</summary>
    public ManualResetEventSlim Network { get; } = new(initialState: true);

    /// <summary>Completes when the connection is closed: whether that was done by whom a message was being handed to.</summary>
    public Task<bool> Closed => _closed.Task;

    public long BufferedAmount => 0;

    public int MaxMessageSize => 256 * 1024;

    public MediaPeerStats Stats => default;

    public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        (answer, refusal) = ("v=0", null);
        return true;
    }

    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal)
    {
        refusal = null;
        return true;
    }

    /// <summary>When each packet of the agent's voice was sent.</summary>
    public IReadOnlyList<TimeSpan> Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>The packets of the agent's voice, in the order of <see cref="Heard"/>.</summary>
    public IReadOnlyList<byte[]> Packets
    {
        get
        {
            lock (_heard)
            {
                return [.. _packets];
            }
        }
    }

    public bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
    {
        lock (_heard)
        {
            _heard.Add(clock.Elapsed);
            _packets.Add(packet.ToArray());
        }

        return true;
    }

    /// <summary>The parameters of all that the call told or asked so far under this method.</summary>
    public IReadOnlyList<JsonElement> Told(string method)
    {
        lock (_notified)
        {
            return [.. _notified.Where(m => m.GetProperty("method").GetString() == method).Select(m => m.GetProperty("params"))];
        }
    }

    public bool TrySendMessage(ReadOnlySpan<byte> message, bool binary) => !binary && TrySend(message);

    public bool TrySend(ReadOnlySpan<byte> utf8)
    {
        Network.Wait();
        var message = JsonSerializer.Deserialize<JsonElement>(utf8);
        if (message.TryGetProperty("method", out _))
        {
            lock (_notified)
            {
                _notified.Add(message);
            }

            return true;
        }

        return _sent.Writer.TryWrite(message);
    }

    /// <summary>The connection stands, and the page says hello.</summary>
    public async Task EnterAsync()
    {
        call.PeerStateChanged(this, RtcPeerState.Connected);
        call.AudioNegotiated(this, "opus", TimeSpan.FromMilliseconds(120));
        call.PortOpened(this);
        await AskAsync(1, "page/hello", new { tools = Array.Empty<object>() });
    }

    /// <summary>The page is closed, or its network is gone for long.</summary>
    public void Leave()
    {
        call.PeerStateChanged(this, RtcPeerState.Disconnected);
        call.PortClosed(this);
    }

    /// <summary>The person presses a key of a dial pad.</summary>
    public void Press(char digit) => call.DtmfReceived(this, digit);

    /// <summary>One packet of the microphone: 20 ms of silence, in Opus.</summary>
    public void Speak(int number) => call.AudioReceived(this, 7, (ushort)number, (uint)number * 960, [0xF8], level: null);

    /// <summary>A re-offer is answered with another codec.</summary>
    public void ChangeTo(string codec) => call.AudioNegotiated(this, codec, TimeSpan.FromMilliseconds(120));

    /// <summary>Sends a request.</summary>
    public void Say(int id, string method, object parameters) => Deliver(new { jsonrpc = "2.0", id, method, @params = parameters });

    /// <summary>Sends a notification.</summary>
    public void Notify(string method, object parameters) => Deliver(new { jsonrpc = "2.0", method, @params = parameters });

    /// <summary>Sends a request and waits for its response.</summary>
    public async Task<JsonElement> AskAsync(int id, string method, object parameters)
    {
        Say(id, method, parameters);
        await foreach (var message in _sent.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (message.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
            {
                return message;
            }
        }

        throw new InvalidOperationException("Nothing more came.");
    }

    public void Close() => _closed.TrySetResult(_delivering.Value);

    public void Dispose()
    {
    }

    private void Deliver(object message)
    {
        _delivering.Value = true;
        call.MessageReceived(this, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message)), binary: false);
        _delivering.Value = false;
    }
}
