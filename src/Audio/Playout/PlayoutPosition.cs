namespace Bridge.Audio.Playout;

/// <summary>A place in an item's audio: how much of it had been played at some moment.</summary>
/// <param name="ItemId">The conversation item.</param>
/// <param name="ContentIndex">Index of the content part within the item.</param>
/// <param name="Samples">Samples of 24 kHz played, never more than were appended.</param>
internal readonly record struct PlayoutPosition(string ItemId, int ContentIndex, long Samples)
{
    /// <summary>Whole milliseconds played, rounded down, as <c>conversation.item.truncate</c> wants them.</summary>
    public int Milliseconds => (int)(Samples / 24);
}
