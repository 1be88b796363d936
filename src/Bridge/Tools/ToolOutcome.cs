using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.JsonSchema;

namespace Bridge.Tools;

/// <summary>How a tool ended: JSON for the model, and whether it failed. A sentence for the page when it did.</summary>
internal sealed record ToolOutcome(string Json, bool Failed, string? Sentence = null)
{
    // The model reads it as text: escapes of other scripts would only cost tokens.
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The page's person cancelled it there; whoever asks for the call's output says what the model is told.</summary>
    public static ToolOutcome CancelledByPerson { get; } = new("null", true) { Cancelled = true };

    /// <summary>Images that the model is shown beside the result: <c>data:</c> URLs of PNG or JPEG.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>True for <see cref="CancelledByPerson"/> alone.</summary>
    public bool Cancelled { get; private init; }

    public static ToolOutcome Done(object result) => new(JsonSerializer.Serialize(result, Readable), false);

    public static ToolOutcome Done(JsonElement result) =>
        new(result.ValueKind == JsonValueKind.Undefined ? "null" : result.GetRawText(), false);

    public static ToolOutcome Fail(string sentence) => new(JsonSerializer.Serialize(new { error = sentence }, Readable), true, sentence);

    /// <summary>The tool was begun, and whether it did its work is not known: never told as "not done".</summary>
    /// <param name="tool">Its name.</param>
    /// <param name="why">Goes on from a colon, without a full stop.</param>
    public static ToolOutcome Unknown(string tool, string why) => Fail($"It is unknown whether {tool} was done: {why}.");

    /// <summary>The schema's errors, so that the model can ask again rightly.</summary>
    public static ToolOutcome BadArguments(string tool, IReadOnlyList<SchemaError> errors)
    {
        var sentence = $"The arguments do not fit {tool}; nothing was done.";
        return new(
            JsonSerializer.Serialize(
                new
                {
                    error = sentence,
                    details = errors.Select(error => $"{(error.Path.Count == 0 ? "The whole" : error.Path)} {error.Problem}"),
                },
                Readable),
            true,
            sentence);
    }

    /// <summary>The same, no longer than allowed: what is cut is cut visibly, between characters.</summary>
    public ToolOutcome Cap(string tool, int maxBytes)
    {
        var bytes = Encoding.UTF8.GetByteCount(Json);
        if (bytes <= maxBytes)
        {
            return this;
        }

        var take = Math.Min(Json.Length, maxBytes / 2);
        if (char.IsHighSurrogate(Json[take - 1]))
        {
            take--;
        }

        var message =
            $"The result of {tool} is {bytes} bytes, too long to read. Only its beginning is here. Ask for less, or tell the person that "
                + $"it is too long.";
        return this with { Json = JsonSerializer.Serialize(new { cut = true, bytes, message, beginning = Json[..take] }, Readable) };
    }
}
