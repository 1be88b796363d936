namespace Bridge.Roles.Settings;

/// <summary>Which models are full-duplex ones, by their names: <c>gpt-live-1</c>, <c>gpt-live-1.1</c> and what follows them.</summary>
public static class LiveModels
{
    private const string Prefix = "gpt-live-";

    /// <summary>True for a full-duplex model. <c>gpt-live-transcribe</c> and its like are none: a version follows the prefix.</summary>
    public static bool Is(string? name) =>
        name is not null && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length
        && char.IsAsciiDigit(name[Prefix.Length]);
}
