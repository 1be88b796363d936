using System.Text;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Two associations joined by two pipes, in virtual time that starts at a random instant.</summary>
internal sealed class SctpPair
{
    public SctpPair(int seed, SctpOptions? client = null, SctpOptions? server = null, Action<Pipe>? path = null)
    {
        Random random = new(seed);
        Seed = seed;
        Now = new Instant(random.NextInt64(1L << 50));
        Pipe toServer = new(random);
        Pipe toClient = new(random);
        path?.Invoke(toServer);
        path?.Invoke(toClient);
        client ??= new SctpOptions { IsDtlsClient = true };
        server ??= new SctpOptions();
        Client = new SctpEnd(new SctpAssociation(Now, new SeededEntropy(seed + 1), client), toServer);
        Server = new SctpEnd(new SctpAssociation(Now, new SeededEntropy(seed + 2), server), toClient);
    }

    public int Seed { get; }

    public Instant Now { get; private set; }

    public SctpEnd Client { get; }

    public SctpEnd Server { get; }

    public Pipe ToServer => Client.Outgoing;

    public Pipe ToClient => Server.Outgoing;

    /// <summary>How often either side was advanced: what a story costs in wake-ups.</summary>
    public int Steps { get; private set; }

    /// <summary>A pair with the handshake done and one channel open, the client's.</summary>
    public static SctpPair Connected(
        int seed,
        out ushort stream,
        DataChannelOptions? channel = null,
        SctpOptions? client = null,
        SctpOptions? server = null,
        Action<Pipe>? path = null)
    {
        SctpPair pair = new(seed, client, server, path);
        pair.Client.Association.Connect(pair.Now);
        Assert.True(pair.Client.Association.TryOpenChannel(pair.Now, channel ?? new DataChannelOptions { Label = "bridge" }, out stream));
        Assert.True(pair.RunUntil(() => pair.Server.Opened.Count == 1 && pair.Client.Opened.Count == 1), pair.Story("the channel opens"));
        return pair;
    }

    /// <summary>Lets both sides work until the condition holds. False when nothing is left to do or the limit passed.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan? limit = null)
    {
        Instant end = Now + (limit ?? TimeSpan.FromMinutes(2));
        while (true)
        {
            Client.Advance(Now);
            Server.Advance(Now);
            Steps++;
            if (condition())
            {
                return true;
            }

            Instant next = Instant.Min(Instant.Min(ToServer.Next, ToClient.Next), Instant.Min(Client.Deadline.At, Server.Deadline.At));
            if (next > end)
            {
                Now = end;
                return condition();
            }

            Assert.True(
                next > Now || ToServer.Next <= Now || ToClient.Next <= Now,
                Story($"a deadline must not lie in the past: {Client.Deadline.Why}, {Server.Deadline.Why}"));
            Now = next > Now ? next : Now;
            Deliver(ToServer, Server);
            Deliver(ToClient, Client);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void RunFor(TimeSpan time)
    {
        Instant end = Now + time;
        RunUntil(() => false, time);
        Now = end;
    }

    public DataSendResult Send(SctpEnd from, ushort stream, string text) =>
        from.Association.Send(Now, stream, Encoding.UTF8.GetBytes(text), false);

    public DataSendResult Send(SctpEnd from, ushort stream, byte[] bytes) => from.Association.Send(Now, stream, bytes, true);

    public string Story(string expectation) => $"{expectation} (seed {Seed})";

    private void Deliver(Pipe pipe, SctpEnd to)
    {
        while (pipe.TryPop(Now, out byte[] packet))
        {
            to.Association.Receive(Now, packet);
        }
    }
}
