using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Bridge.Rtc.Dtls;
using Bridge.Testing.Lab;
using Bridge.Tests.Strangers;

namespace Bridge.Tests.Stops;

/// <summary>A page in this process that holds a call with the real program: hub, WebRTC, JSON-RPC.</summary>
internal sealed class ProgramPage : IAsyncDisposable
{
    private readonly DtlsIdentity _identity = OpenSslIdentity.Create();
    private readonly Channel<JsonElement> _received = Channel.CreateUnbounded<JsonElement>();
    private readonly List<JsonElement> _kept = [];
    private int _id;

    private ProgramPage(HubClient hub, bool records)
    {
        Hub = hub;
        Client = new LabClient(_identity) { Label = "bridge", Records = records, Heard = Ear.Hear };
        Client.Received = message => _received.Writer.TryWrite(JsonSerializer.Deserialize<JsonElement>(message));
    }

    /// <summary>The WebRTC side.</summary>
    public LabClient Client { get; }

    /// <summary>The agent's voice as it came.</summary>
    public Ear Ear { get; } = new();

    /// <summary>The call of an earlier life of the page goes on.</summary>
    public bool Resumed { get; private set; }

    /// <summary>The signaling connection.</summary>
    public HubClient Hub { get; }

    /// <summary>Names the call.</summary>
    public string CallId { get; private set; } = "";

    /// <summary>The token that a page comes back with.</summary>
    public string ResumeToken { get; private set; } = "";

    /// <summary>Of both sides' descriptions.</summary>
    public List<string> IcePasswords { get; } = [];

    /// <summary>Joins, connects and says hello.</summary>
    /// <param name="host">Of the program.</param>
    /// <param name="role">Slug.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="keypad">The page has a telephone keypad in place of a microphone: what it sends are telephone events.</param>
    /// <param name="ticket">The caller's ticket; none for a stranger.</param>
    /// <param name="path">The network's addition to the making of the path.</param>
    /// <param name="records">Keeps datagrams that an attacker would send again.</param>
    /// <param name="resumeToken">Token of an earlier life of the page.</param>
    public static async Task<ProgramPage> CallAsync(
        Uri host, string role, CancellationToken cancellation, bool keypad =
            false, string? ticket = null, TimeSpan path = default, bool records = false, string? resumeToken = null)
    {
        var page = new ProgramPage(await HubClient.ConnectAsync(host, cancellation, ticket), records);
        var (joined, refusal) = await page.Hub.InvokeAsync("Join", new { role, resumeToken }, cancellation);
        Assert.Null(refusal);
        page.Resumed = joined.GetProperty("resumed").GetBoolean();
        page.CallId = joined.GetProperty("callId").GetString()!;
        page.ResumeToken = joined.GetProperty("resumeToken").GetString()!;
        await page.Client.ConnectAsync(async offer =>
        {
            var (reply, error) = await page.Hub.InvokeAsync(
                "Offer", new { callId = page.CallId, sdp = keypad ? Exchange(offer) : offer }, cancellation);
            Assert.Null(error);
            await Task.Delay(path, cancellation);
            var answer = reply.GetProperty("sdp").GetString()!;
            page.IcePasswords.AddRange(
                new[] { offer, answer }.SelectMany(sdp => sdp.Split('\n')).Where(l => l.StartsWith("a=ice-pwd:", StringComparison.Ordinal))
                    .Select(l => l.Trim()[10..]));
            return keypad ? Exchange(answer) : answer;
        });
        await page.AskAsync("page/hello", new { tools = Array.Empty<object>() }, cancellation);
        return page;
    }

    /// <summary>Sends one telephone-event packet: event, E, volume, duration (RFC 4733 §2.3).</summary>
    public void SendKey(byte key, uint timestamp, ushort duration, bool end) =>
        Assert.True(Client.SendAudio([key, (byte)((end ? 0x80 : 0) | 10), (byte)(duration >> 8), (byte)duration], timestamp));

    /// <summary>The parameters of all that the host has told or asked under this method and nobody has waited for.</summary>
    public IEnumerable<JsonElement> Told(string method) =>
        _kept.Where(m => m.TryGetProperty("method", out var name) && name.GetString() == method).Select(m => m.GetProperty("params"));

    /// <summary>Types a text.</summary>
    public Task SayAsync(string text, CancellationToken cancellation) => AskAsync("page/text", new { text }, cancellation);

    /// <summary>Sends a request and waits for its response; what else comes before it is kept.</summary>
    public async Task AskAsync(string method, object parameters, CancellationToken cancellation)
    {
        var id = ++_id;
        Send(new { jsonrpc = "2.0", id, method, @params = parameters });
        await FindAsync(
            m =>
                !m.TryGetProperty("method", out _) && m.TryGetProperty("id", out var answered) && answered.ValueKind == JsonValueKind.Number
                    && answered.GetInt32() == id,
            cancellation);
    }

    /// <summary>Waits until the host has told or asked this; requests are answered. Gives the parameters.</summary>
    public async Task<JsonElement> UntilToldAsync(string method, CancellationToken cancellation)
    {
        var told = await FindAsync(m => m.TryGetProperty("method", out var name) && name.GetString() == method, cancellation);
        return told.GetProperty("params");
    }

    /// <summary>Hangs up, and waits until the call is over.</summary>
    public async Task HangUpAsync(CancellationToken cancellation)
    {
        await AskAsync("page/hangup", new { }, cancellation);
        await UntilToldAsync("call/ended", cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _identity.Dispose();
        await Hub.DisposeAsync();
    }

    // The client sends audio as type 111; for the host that is the telephone events then, and 110 is Opus.
    private static string Exchange(string sdp) =>
        sdp.Replace("110", "\0", StringComparison.Ordinal).Replace("111", "110", StringComparison.Ordinal)
            .Replace("\0", "111", StringComparison.Ordinal);

    private async Task<JsonElement> FindAsync(Predicate<JsonElement> wanted, CancellationToken cancellation)
    {
        var at = _kept.FindIndex(wanted);
        if (at >= 0)
        {
            var found = _kept[at];
            _kept.RemoveAt(at);
            return found;
        }

        while (true)
        {
            var message = await _received.Reader.ReadAsync(cancellation);
            if (message.TryGetProperty("method", out _) && message.TryGetProperty("id", out var request))
            {
                Send(new { jsonrpc = "2.0", id = request, result = new { } });
            }

            if (wanted(message))
            {
                return message;
            }

            _kept.Add(message);
        }
    }

    private void Send(object message) => Client.SendText(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message)));
}
