using System.Text.Json;
using Bridge.JsonSchema;

namespace Bridge.Roles;

/// <summary>The shape of what comes of a call, from <c>outcome.schema.json</c>.</summary>
public sealed class RoleOutcome
{
    /// <summary>The function that the model calls with it.</summary>
    public const string Function = "outcome";

    /// <summary>The longest outcome in characters of its JSON.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly Schema _schema;

    internal RoleOutcome(Schema schema, JsonElement parameters, string description)
    {
        (_schema, Parameters, Description) = (schema, parameters, description);
    }

    /// <summary>The schema in the form of a function's parameters.</summary>
    public JsonElement Parameters { get; }

    /// <summary>The purpose of the function: the schema's own description, or a stock one.</summary>
    public string Description { get; }

    /// <summary>Reads what a model gave. False: it does not fit.</summary>
    /// <param name="json">As the model wrote it.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="errors">
    /// Sentences that say how it does not fit, for the model: they may hold words of the conversation. Empty when it fits.
    /// </param>
    public bool TryRead(string json, out JsonElement outcome, out string errors)
    {
        ArgumentNullException.ThrowIfNull(json);
        outcome = default;
        if (json.Length > MaxLength)
        {
            errors = $"It is longer than {MaxLength} characters.";
            return false;
        }

        try
        {
            outcome = JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            errors = "It is not JSON.";
            return false;
        }

        errors = string.Join(' ', Check(outcome).Select(error => $"{(error.Path.Count == 0 ? "The whole" : error.Path)} {error.Problem}."));
        return errors.Length == 0;
    }

    internal IReadOnlyList<SchemaError> Check(JsonElement value) => _schema.Check(value);
}
