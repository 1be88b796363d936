using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bridge.Store;

/// <summary>
/// Takes the images out of a conversation that is to be stored: a data: URL of PNG or JPEG becomes the name of a file
/// that holds its bytes, so that a record is not a third larger than its images and can be read by eye.
/// </summary>
internal static class StoredImages
{
    /// <summary>Begins the data: URL of a PNG image (RFC 2397).</summary>
    public const string PngUrl = "data:image/png;base64,";

    /// <summary>Begins the data: URL of a JPEG image.</summary>
    public const string JpegUrl = "data:image/jpeg;base64,";

    private const int MaxDepth = 64;

    /// <summary>A conversation without images in it, and the images.</summary>
    /// <param name="Conversation">The log; each image is replaced by its file's name.</param>
    /// <param name="Files">Name and bytes of each image, in the order of the conversation.</param>
    internal readonly record struct Parted(JsonElement Conversation, IReadOnlyList<(string Name, byte[] Bytes)> Files);

    /// <summary>Parts a conversation from its images.</summary>
    /// <param name="callId">Begins each file's name.</param>
    /// <param name="conversation">The log as JSON, of at most 64 levels.</param>
    public static Parted Part(string callId, JsonElement conversation)
    {
        var files = new List<(string, byte[])>();
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth }))
        {
            Copy(conversation, writer, callId, files);
        }

        using var document = JsonDocument.Parse(json.WrittenMemory, new JsonDocumentOptions { MaxDepth = MaxDepth });
        return new Parted(document.RootElement.Clone(), files);
    }

    /// <summary>The media type of an image file of a call; null when the name is none that <see cref="Part"/> gives.</summary>
    public static string? TypeOf(string name) =>
        !name.All(c => char.IsAsciiHexDigitLower(c) || c is '-' or '.' or 'p' or 'n' or 'g' or 'j') ? null
        : name.EndsWith(".png", StringComparison.Ordinal) ? "image/png"
        : name.EndsWith(".jpg", StringComparison.Ordinal) ? "image/jpeg"
        : null;

    // The depth is bounded by the document's own.
    private static void Copy(JsonElement element, Utf8JsonWriter writer, string callId, List<(string, byte[])> files)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Copy(member.Value, writer, callId, files);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Copy(item, writer, callId, files);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when TryDecode(element, out var ending, out var bytes):
                var name = string.Create(CultureInfo.InvariantCulture, $"{callId}-{files.Count + 1}{ending}");
                files.Add((name, bytes));
                writer.WriteStringValue(name);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static bool TryDecode(JsonElement text, out string ending, out byte[] bytes)
    {
        (ending, bytes) = ("", []);
        var url = text.GetString()!;
        var prefix = url.StartsWith(PngUrl, StringComparison.Ordinal) ? PngUrl : url.StartsWith(JpegUrl, StringComparison.Ordinal) ? JpegUrl : null;
        if (prefix is null)
        {
            return false;
        }

        // A text of the caller may begin like an image and be none: it stays text.
        var decoded = new byte[(url.Length - prefix.Length) / 4 * 3];
        if (!Convert.TryFromBase64String(url[prefix.Length..], decoded, out var length) || length == 0)
        {
            return false;
        }

        ending = prefix == PngUrl ? ".png" : ".jpg";
        bytes = decoded[..length];
        return true;
    }
}
