namespace Bridge.Records;

/// <summary>A file of a recording.</summary>
/// <param name="Name">Its name below <c>/api/calls/{id}/audio/</c>.</param>
/// <param name="Side"><c>caller</c>, <c>agent</c>, or <c>mixed</c>: the caller left, the agent right.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record AudioTrack(string Name, string Side, double Seconds, long Bytes);
