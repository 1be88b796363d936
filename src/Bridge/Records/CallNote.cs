using System.Text.Json;

namespace Bridge.Records;

/// <summary>Something the agent saved during a call: an order, a decision.</summary>
/// <param name="Id">Names the note within its call.</param>
/// <param name="At">When it was saved.</param>
/// <param name="Title">The title; may be empty.</param>
/// <param name="Text">The note, markdown.</param>
/// <param name="Data">The same for programs.</param>
internal sealed record CallNote(string Id, DateTimeOffset At, string? Title, string Text, JsonElement? Data);
