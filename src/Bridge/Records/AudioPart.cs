namespace Bridge.Records;

/// <summary>One recording of a call's sound; a call that goes on after its host crashed has another.</summary>
/// <param name="Started">The time of its first sample; marks and tracks count from here.</param>
/// <param name="State"><c>on</c>, <c>complete</c>, <c>interrupted</c> (the host crashed) or <c>failed</c> (it ends early).</param>
/// <param name="Why">Why it failed; null else.</param>
/// <param name="Tracks">Its files.</param>
/// <param name="Marks">Stretches that were cut off unheard.</param>
internal sealed record AudioPart(
    DateTimeOffset Started, string State, string? Why, IReadOnlyList<AudioTrack> Tracks, IReadOnlyList<AudioMark> Marks);
