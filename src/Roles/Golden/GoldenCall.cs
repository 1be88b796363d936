using System.Text.Json;

namespace Bridge.Roles.Golden;

/// <summary>A function call that a golden conversation expects.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">An object whose members the call's arguments must hold with equal values; others may be there.</param>
/// <param name="Result">The tool's answer in the test; Undefined for a plain success.</param>
public sealed record GoldenCall(string Name, JsonElement Arguments, JsonElement Result);
