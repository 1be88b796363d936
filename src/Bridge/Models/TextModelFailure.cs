using System.Text.Json;
using Bridge.Realtime.OpenAi;

namespace Bridge.Models;

/// <summary>The words for a failure of the text model: of the server's own only its code, for its sentences may quote keys.</summary>
internal static class TextModelFailure
{
    private const int MaxCode = 48;
    private const string Unknown = "unknown";

    /// <summary>The words for a refusal.</summary>
    /// <param name="status">Of HTTP.</param>
    /// <param name="body">The answer's.</param>
    /// <param name="model">The model that was asked for.</param>
    /// <param name="path">The end of the address that was asked.</param>
    public static string Of(int status, ReadOnlyMemory<byte> body, string model, string path)
    {
        var code = CodeOf(body);
        var hint = status switch
        {
            401 or 403 => ": it does not take the key (Bridge:TextModel:ApiKey, or that of the voice model)",
            404 when code == "model_not_found" => $": it has no model \"{model}\"",
            404 or 405 => $": it has no {path} or no model \"{model}\" (Bridge:TextModel:Api, :Model)",
            429 => ": it takes no more requests for now",
            _ => "",
        };
        return $"the text model's server answered {status}{(code.Length > 0 ? $" ({code})" : "")}{hint}";
    }

    /// <summary>The code, when it is one: a word of small letters.</summary>
    public static string CodeOf(string? code) =>
        code is { Length: > 0 and <= MaxCode } && code.All(letter => char.IsAsciiLetterLower(letter) || letter == '_') ? code : Unknown;

    private static string CodeOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            var code = CodeOf(document.RootElement.Child("error"u8).Text("code"u8));
            return code == Unknown ? "" : code;
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
