namespace Bridge.Rtc.Sctp;

/// <summary>The result of a message handed to <see cref="SctpAssociation.Send"/>.</summary>
public enum DataSendResult
{
    /// <summary>Taken; it leaves with the next <see cref="SctpAssociation.Advance"/> calls.</summary>
    Queued,

    /// <summary>The send buffer is full. Nothing was taken; try again after <see cref="ISctpSink.BufferedAmountLow"/>.</summary>
    BufferFull,

    /// <summary>Longer than the peer accepts.</summary>
    TooLarge,

    /// <summary>There is no such channel, or it is closing.</summary>
    NoChannel,

    /// <summary>The association has ended.</summary>
    Closed,
}
