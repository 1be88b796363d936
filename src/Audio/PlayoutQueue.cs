using System.Diagnostics.CodeAnalysis;

namespace Bridge.Audio;

/// <summary>
/// From the model's 24 kHz mono int16 to one RTP payload per 20 ms: encodes ahead of time, remembers which item each
/// packet came from, and can be emptied at once.
/// </summary>
/// <remarks>
/// One producer (append, finish, clear) and one consumer (take) may be two threads; locate is safe from any.
/// Time is the caller's, from any origin.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue: first in, first out.")]
public sealed class PlayoutQueue
{
    /// <summary>Makes the downlink of one call.</summary>
    /// <param name="codec">Codec to encode with. Not disposed by the queue.</param>
    /// <param name="options">Settings; defaults when left out.</param>
    public PlayoutQueue(IAudioCodec codec, PlayoutQueueOptions? options = null) => throw new NotImplementedException();

    /// <summary>Audio that waits to be taken.</summary>
    public TimeSpan Buffered => throw new NotImplementedException();

    /// <summary>Counters since the start.</summary>
    public PlayoutQueueStats Stats => throw new NotImplementedException();

    /// <summary>Appends speech of an item. Encodes it at once; what is short of 20 ms waits for more.</summary>
    /// <param name="itemId">The conversation item. Another item than the last ends that one.</param>
    /// <param name="contentIndex">Index of the content part.</param>
    /// <param name="pcm24k">Mono int16 of 24 kHz, any length.</param>
    public void Append(string itemId, int contentIndex, ReadOnlySpan<short> pcm24k) => throw new NotImplementedException();

    /// <summary>Says that an item is complete: pads its last packet, and adds one where the codec's delay would cut the last sound off.</summary>
    /// <param name="itemId">The conversation item.</param>
    public void Finish(string itemId) => throw new NotImplementedException();

    /// <summary>Barge-in: throws away everything that has not been taken.</summary>
    /// <returns>The item that was being played and how much of it had been taken; null when no item was in the middle of playing.</returns>
    public PlayoutPosition? Clear() => throw new NotImplementedException();

    /// <summary>Takes the packet of this tick.</summary>
    /// <param name="now">The time.</param>
    /// <param name="packet">Room for a payload; 1275 bytes hold any.</param>
    /// <param name="frame">Its length, timestamp and marker.</param>
    /// <returns><see langword="false"/> when there is nothing to send.</returns>
    public bool TryTake(TimeSpan now, Span<byte> packet, out PlayoutFrame frame) => throw new NotImplementedException();

    /// <summary>Maps an RTP timestamp that the listener has heard to the item and the place in it.</summary>
    /// <param name="rtpTimestamp">Timestamp in units of the codec's RTP clock.</param>
    /// <param name="position">What had been heard. In a silence after an item: the whole of that item.</param>
    /// <returns><see langword="false"/> for a timestamp before the first packet, beyond the last one, or too long ago.</returns>
    public bool TryLocate(uint rtpTimestamp, out PlayoutPosition position) => throw new NotImplementedException();

    /// <summary>Tells of items whose last packet has been taken, one per call, in order.</summary>
    /// <param name="itemId">The item.</param>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryDequeueFinished([NotNullWhen(true)] out string? itemId) => throw new NotImplementedException();
}
