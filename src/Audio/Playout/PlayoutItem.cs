namespace Bridge.Audio.Playout;

/// <summary>One content part of one item in a <see cref="PlayoutQueue"/>.</summary>
internal sealed class PlayoutItem(string id, int contentIndex)
{
    internal string Id { get; } = id;

    internal int ContentIndex { get; } = contentIndex;

    /// <summary>Samples of 24 kHz appended so far.</summary>
    internal long Appended { get; set; }

    /// <summary>Packets that wait to be taken.</summary>
    internal int Queued { get; set; }

    /// <summary>No more will be appended.</summary>
    internal bool Finished { get; set; }
}
