using System.Text;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>An association and all it has reported.</summary>
internal sealed class SctpEnd(SctpAssociation association, Pipe outgoing) : ISctpSink
{
    private Instant _now;

    public SctpAssociation Association { get; } = association;

    public Pipe Outgoing { get; } = outgoing;

    public Deadline Deadline { get; private set; }

    public int EstablishedCount { get; private set; }

    public List<(ushort Stream, DataChannelOptions Channel)> Opened { get; } = [];

    public List<ushort> ClosedChannels { get; } = [];

    public List<(ushort Stream, byte[] Bytes, bool Binary)> Messages { get; } = [];

    public List<ushort> Low { get; } = [];

    public SctpCloseReason? ClosedBy { get; private set; }

    /// <summary>Called for each message after Advance returned; an echo goes here.</summary>
    public Action<Instant, ushort, byte[], bool>? OnMessage { get; set; }

    public IEnumerable<string> Texts => Messages.Where(m => !m.Binary).Select(m => Encoding.UTF8.GetString(m.Bytes));

    public void Advance(Instant now)
    {
        _now = now;
        int before = Messages.Count;
        Deadline = Association.Advance(now, this);
        if (OnMessage is not null && Messages.Count > before)
        {
            foreach ((ushort stream, byte[] bytes, bool binary) in Messages.Skip(before).ToArray())
            {
                OnMessage(now, stream, bytes, binary);
            }

            Deadline = Association.Advance(now, this);
        }
    }

    void ISctpSink.Transmit(ReadOnlySpan<byte> packet) => Outgoing.Push(_now, packet);

    void ISctpSink.Established() => EstablishedCount++;

    void ISctpSink.ChannelOpened(ushort stream, DataChannelOptions channel) => Opened.Add((stream, channel));

    void ISctpSink.ChannelClosed(ushort stream) => ClosedChannels.Add(stream);

    void ISctpSink.Message(ushort stream, ReadOnlySpan<byte> message, bool binary) => Messages.Add((stream, message.ToArray(), binary));

    void ISctpSink.BufferedAmountLow(ushort stream) => Low.Add(stream);

    void ISctpSink.Closed(SctpCloseReason reason) => ClosedBy = reason;
}
