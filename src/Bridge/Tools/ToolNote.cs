using System.Text.Json;

namespace Bridge.Tools;

/// <summary>A note that the model saved with the call.</summary>
/// <param name="Id">The call_id of the function call: saving it again is the same note.</param>
/// <param name="Title">The title, or null.</param>
/// <param name="Text">The note.</param>
/// <param name="Data">The same for programs; undefined when there is none.</param>
internal readonly record struct ToolNote(string Id, string? Title, string Text, JsonElement Data);
