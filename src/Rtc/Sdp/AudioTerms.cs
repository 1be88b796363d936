namespace Bridge.Rtc.Sdp;

/// <summary>The terms of one side for audio, reduced to what this side can do.</summary>
internal sealed record AudioTerms
{
    public required int Section { get; init; }

    public required string Mid { get; init; }

    public required byte PayloadType { get; init; }

    public required string Codec { get; init; }

    public required int ClockRate { get; init; }

    public required int Channels { get; init; }

    /// <summary>The remote side is willing to send.</summary>
    public required bool RemoteSends { get; init; }

    /// <summary>The remote side is willing to receive.</summary>
    public required bool RemoteReceives { get; init; }

    /// <summary>Payload type of RED over the codec (RFC 2198); null without.</summary>
    public byte? Red { get; init; }

    /// <summary>RED stood before the codec: the remote side would rather send it.</summary>
    public bool RedFirst { get; init; }

    /// <summary>Payload types of telephone-event with their clocks (RFC 4733).</summary>
    public IReadOnlyList<(byte PayloadType, int ClockRate)> TelephoneEvents { get; init; } = [];

    public bool Nack { get; init; }

    public bool TransportFeedback { get; init; }

    public bool ReducedSize { get; init; }

    /// <summary>Ids of header extensions, 0 for not agreed; RFC 8285 §5.</summary>
    public byte MidExtension { get; init; }

    public byte LevelExtension { get; init; }

    public byte TransportSequenceExtension { get; init; }

    public bool MixedExtensions { get; init; }

    /// <summary>The most audio that the remote side takes in one packet, ms; a=maxptime.</summary>
    public int MaxPacketMilliseconds { get; init; } = 120;

    public AudioFormat ToFormat() => new(PayloadType, Codec, ClockRate, Channels, RemoteReceives, RemoteSends)
    {
        MaxPacketTime = TimeSpan.FromMilliseconds(MaxPacketMilliseconds),
    };
}
