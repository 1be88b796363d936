using System.Collections.Concurrent;
using Bridge.Records;

namespace Bridge.Recordings;

/// <summary>Packets and marks that one recording has taken from its call, and not written yet.</summary>
/// <param name="began">The host's clock at its first sample.</param>
/// <param name="form">The form in which the sound is kept.</param>
internal sealed class RecordingTap(TimeSpan began, AudioPolicy form)
{
    // Marks are written several times a second.
    private const int MaxMarks = 64;

    private readonly ConcurrentQueue<AudioMark> _marks = [];

    /// <summary>The host's clock at its first sample.</summary>
    public TimeSpan Began => began;

    /// <summary>The form in which the sound is kept.</summary>
    public AudioPolicy Form => form;

    /// <summary>Packets of the person.</summary>
    public RecordingRing Caller { get; } = new();

    /// <summary>Packets of the agent.</summary>
    public RecordingRing Agent { get; } = new();

    /// <summary>Takes a mark.</summary>
    public void Mark(AudioMark mark)
    {
        if (_marks.Count < MaxMarks)
        {
            _marks.Enqueue(mark);
        }
    }

    /// <summary>Gives the oldest mark.</summary>
    public bool TryTakeMark(out AudioMark mark) => _marks.TryDequeue(out mark!);
}
