using System.Text;

namespace Bridge.Realtime.Turns;

/// <summary>A message of the agent that is being generated, played, or both.</summary>
/// <param name="itemId">The item's id.</param>
/// <param name="session">Number of the session that generates it.</param>
internal sealed class SpokenItem(string itemId, int session)
{
    public string ItemId { get; } = itemId;

    public int Session { get; } = session;

    /// <summary>The content part that the audio belongs to.</summary>
    public int ContentIndex { get; set; }

    public StringBuilder Text { get; } = new();

    public ItemAudio Audio { get; } = new();

    /// <summary>Audio received, ms.</summary>
    public int Generated => Audio.Length;

    public string TextSoFar => Text.ToString();

    public bool TextDone { get; set; }

    public bool AudioDone { get; set; }

    /// <summary>Text and audio are whole: their ends coincide.</summary>
    public bool IsWhole => TextDone && AudioDone;

    /// <summary>Its generation broke off by a fault: what was received is all there is.</summary>
    public bool BrokenOff { get; set; }

    /// <summary>Name under which it is (or was last) being played; null: not yet.</summary>
    public string? Track { get; set; }

    /// <summary>Where in the item the track begins, ms.</summary>
    public int TrackStart { get; set; }

    /// <summary>When the track's first audio was queued.</summary>
    public TimeSpan TrackSince { get; set; }

    /// <summary>Audio received since the track began, ms.</summary>
    public int TrackLength => Generated - TrackStart;

    /// <summary>The track was emptied from the queue. The position heard is fixed when the settle time is over.</summary>
    public bool Cleared { get; set; }

    public TimeSpan ClearedSince { get; set; }

    /// <summary>Milliseconds of the track that had been handed to the network when it was cleared; null: unknown.</summary>
    public int? ClearedAt { get; set; }

    /// <summary>When the way to the page was cut; null: it is not known that it was.</summary>
    public TimeSpan? CutOffAt { get; set; }

    /// <summary>Where in the track the page silenced its speaker, ms; null: it did not say that it did.</summary>
    public int? SilencedAt { get; set; }

    /// <summary>The page's last report: milliseconds of the track that its speaker had played.</summary>
    public (TimeSpan At, int Milliseconds)? PageReport { get; set; }

    /// <summary>The packet clock's last report: milliseconds of the track that it had handed to the network.</summary>
    public (TimeSpan At, int Milliseconds)? ServerReport => Sent.Last;

    /// <summary>The packet clock's reports of the last seconds.</summary>
    public SentTrail Sent { get; } = new();

    /// <summary>When each of its words was said; null: the model does not tell.</summary>
    public WordTimes? Words { get; set; }

    /// <summary>Characters of the text that the page was shown; -1: not shown yet.</summary>
    public int ShownLength { get; set; } = -1;
}
