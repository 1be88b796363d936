using System.Text.Json;

namespace Bridge.Realtime.Model;

/// <summary>A function the model may call.</summary>
/// <param name="Name">Name, unique in the session.</param>
/// <param name="Description">When and how to call it.</param>
/// <param name="Parameters">JSON Schema of the arguments.</param>
public sealed record ModelTool(string Name, string Description, JsonElement Parameters);
