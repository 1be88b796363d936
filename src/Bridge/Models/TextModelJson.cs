using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Models;

/// <summary>The parts of a request to a text model that Chat Completions and Responses have in common.</summary>
internal static class TextModelJson
{
    private const string NoOutput = """{"status":"running"}""";

    /// <summary>Letters of every script as they are.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true };

    /// <summary>Writes a message of text.</summary>
    public static void WriteText(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, text);
        json.WriteEndObject();
    }

    /// <summary>The output of a call; without one yet the word that it is running, because each call needs an output.</summary>
    public static string OutputOf(ModelItem call, IReadOnlyList<ModelItem> all) =>
        all.FirstOrDefault(item => item.Kind == ModelItemKind.FunctionOutput && item.CallId == call.CallId)?.Output ?? NoOutput;

    /// <summary>The tools that are offered: the one that must be called, or all.</summary>
    public static IReadOnlyList<ModelTool> ToolsOf(TextRequest request) => request.MustCall is { } only ? [only] : request.Tools;
}
