using System.Text.Json;

namespace Bridge.Roles;

/// <summary>A function call that the rehearsal model makes.</summary>
/// <param name="Name">The tool's name as the role declares it.</param>
/// <param name="Arguments">A JSON object.</param>
public sealed record RehearsalCall(string Name, JsonElement Arguments);
