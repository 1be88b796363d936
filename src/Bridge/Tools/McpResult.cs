using System.Text;
using System.Text.Json;
using Bridge.Records;
using ModelContextProtocol.Protocol;

namespace Bridge.Tools;

/// <summary>
/// The result of an MCP tool, whole: text, structured content, embedded resources, links, and images, which the model is shown beside
/// the result. Content that the model can not be given is named.
/// </summary>
internal static class McpResult
{
    private const int MaxImages = 4;

    // As many characters as an image of the page may have: it stays in memory as long as the call.
    private const int MaxImageBytes = 1_000_000;

    /// <summary>The result as the model reads it.</summary>
    public static ToolOutcome Outcome(string name, CallToolResult result)
    {
        var text = new List<string>();
        var resources = new List<object>();
        var images = new List<string>();
        foreach (var block in result.Content)
        {
            switch (block)
            {
                case TextContentBlock plain:
                    text.Add(plain.Text);
                    break;
                case ImageContentBlock image:
                    AddImage(image.MimeType, image.DecodedData, text, images);
                    break;
                case EmbeddedResourceBlock { Resource: TextResourceContents resource }:
                    resources.Add(new { uri = resource.Uri, mimeType = resource.MimeType, text = resource.Text });
                    break;
                case EmbeddedResourceBlock { Resource: BlobResourceContents blob } when IsImage(blob.MimeType):
                    AddImage(blob.MimeType!, blob.DecodedData, text, images);
                    break;
                case EmbeddedResourceBlock { Resource: BlobResourceContents blob }:
                    resources.Add(
                        new
                        {
                            uri = blob.Uri, mimeType = blob.MimeType, bytes = blob.DecodedData.Length, note = "not text, and not shown",
                        });
                    break;
                case ResourceLinkBlock link:
                    resources.Add(new { uri = link.Uri, name = link.Name, mimeType = link.MimeType, description = link.Description });
                    break;
                default:
                    text.Add($"[{block.Type}, not shown]");
                    break;
            }
        }

        var words = string.Join('\n', text);
        return result.IsError == true
            ? ToolOutcome.Fail($"{name} failed: {words}")
            : Done(words, result.StructuredContent, resources, images);
    }

    private static ToolOutcome Done(string text, JsonElement? structured, List<object> resources, List<string> images)
    {
        // A server repeats its structured content as text for clients that know no other (MCP 2025-06-18, structured content).
        var repeated = structured is { } value && IsSame(text, value);
        if (resources.Count == 0 && images.Count == 0 && (repeated || text.Length == 0) && structured is { } alone)
        {
            return ToolOutcome.Done(alone);
        }

        var all = new Dictionary<string, object>(StringComparer.Ordinal);
        if (structured is not null)
        {
            all["structured"] = structured;
        }

        if (!repeated && (text.Length > 0 || (structured is null && resources.Count == 0 && images.Count == 0)))
        {
            all["text"] = text;
        }

        if (resources.Count > 0)
        {
            all["resources"] = resources;
        }

        if (images.Count > 0)
        {
            all["images"] = $"{images.Count} shown in the next {(images.Count == 1 ? "message" : "messages")}";
        }

        return ToolOutcome.Done(all) with { Images = images };
    }

    private static void AddImage(string mimeType, ReadOnlyMemory<byte> bytes, List<string> text, List<string> images)
    {
        var prefix = mimeType switch
        {
            "image/png" => StoredImages.PngUrl,
            "image/jpeg" or "image/jpg" => StoredImages.JpegUrl,
            _ => null,
        };
        if (prefix is null || images.Count == MaxImages || bytes.Length > MaxImageBytes)
        {
            var why = prefix is null
                ? "only PNG and JPEG are"
                : images.Count == MaxImages ? $"{MaxImages} are at most" : $"{MaxImageBytes} bytes are at most";
            text.Add($"[an image of {bytes.Length} bytes ({Printable(mimeType)}), not shown: {why}]");
            return;
        }

        images.Add(prefix + Convert.ToBase64String(bytes.Span));
    }

    private static bool IsImage(string? mimeType) => mimeType?.StartsWith("image/", StringComparison.Ordinal) == true;

    private static bool IsSame(string text, JsonElement structured)
    {
        try
        {
            return JsonElement.DeepEquals(JsonElement.Parse(Encoding.UTF8.GetBytes(text)), structured);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Printable(string foreign) => string.Concat(foreign.Where(c => c is > ' ' and < '\x7F').Take(40));
}
