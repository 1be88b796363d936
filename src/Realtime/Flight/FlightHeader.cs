using System.Text.Json;
using System.Text.Json.Serialization;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>The first line of a flight file: what the turn machine of a call began with.</summary>
/// <param name="Flight">Version of the form; <see cref="CurrentVersion"/>.</param>
/// <param name="Call">The call.</param>
/// <param name="Role">Slug of the role it began with.</param>
/// <param name="Started">When the call was joined.</param>
/// <param name="CallTime">Time since then when this machine began; more than zero for a call that goes on after a crash.</param>
/// <param name="Options">How turns are taken.</param>
/// <param name="Log">The conversation so far, in its storage form; null: it begins.</param>
public sealed record FlightHeader(
    [property: JsonRequired] int Flight,
    string Call,
    string Role,
    DateTimeOffset Started,
    TimeSpan CallTime,
    TurnOptions Options,
    JsonElement? Log)
{
    /// <summary>The version that is written and read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The caller's attributes as templates knew them: a role test replaces these values.</summary>
    public IReadOnlyDictionary<string, string> Caller { get; init; } = new Dictionary<string, string>();
}
