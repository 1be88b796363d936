using System.Buffers.Text;
using System.Text.Json;
using Bridge.Rpc;
using Bridge.Records;

namespace Bridge.Calls;

/// <summary>
/// Reads single members of a request's params, hostile until read. Each reader looks at the kind of a value before its value,
/// and throws <see cref="RpcException"/> with -32602 and a sentence that names the member.
/// </summary>
internal static class PageParams
{
    private const int MaxImageUrl = 200_000;
    private const string PngStart = "iVBORw0KGg"; // 89 50 4E 47 0D 0A 1A: the signature of PNG §5.2, as far as whole characters tell
    private const string JpegStart = "/9j/"; // FF D8 FF: the SOI marker and the next one's first byte

    /// <summary>A string that is not empty, of at most so many characters.</summary>
    public static string Text(JsonElement parameters, string name, int maxLength) =>
        OptionalText(parameters, name, maxLength) is { Length: > 0 } text
            ? text
            : throw Invalid($"{name} has to be a string that is not empty.");

    /// <summary>A string of at most so many characters; null when the member is absent or null.</summary>
    public static string? OptionalText(JsonElement parameters, string name, int maxLength)
    {
        if (!TryGet(parameters, name, out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid($"{name} has to be a string.");
        return text.Length <= maxLength ? text : throw Invalid($"{name} has at most {maxLength} characters.");
    }

    /// <summary>The data: URL of a PNG or JPEG image in base64 (RFC 4648 §4), at most 200,000 characters.</summary>
    public static string DataUrl(JsonElement parameters)
    {
        var url = Text(parameters, "dataUrl", MaxImageUrl);
        var isPng = url.StartsWith(StoredImages.PngUrl, StringComparison.Ordinal);
        if (!isPng && !url.StartsWith(StoredImages.JpegUrl, StringComparison.Ordinal))
        {
            throw Invalid("dataUrl has to be a data: URL of a PNG or JPEG image.");
        }

        var content = url.AsSpan(isPng ? StoredImages.PngUrl.Length : StoredImages.JpegUrl.Length);
        return !Base64.IsValid(content) ? throw Invalid("dataUrl is not valid base64.")
            : !content.StartsWith(isPng ? PngStart : JpegStart, StringComparison.Ordinal) ? throw Invalid(
                "dataUrl holds no PNG or JPEG image: its first bytes are others.")
            : url;
    }

    /// <summary>True or false.</summary>
    public static bool Flag(JsonElement parameters, string name) =>
        OptionalFlag(parameters, name) ?? throw Invalid($"{name} has to be true or false.");

    /// <summary>True or false; null when the member is absent or null.</summary>
    public static bool? OptionalFlag(JsonElement parameters, string name) =>
        !TryGet(parameters, name, out var value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Invalid($"{name} has to be true or false.");

    /// <summary>A whole number from 0 to 2^32 - 1.</summary>
    public static uint UInt32(JsonElement parameters, string name) =>
        TryGet(parameters, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var number)
            ? number
            : throw Invalid($"{name} has to be an unsigned 32-bit number.");

    /// <summary>A finite number; null when the member is absent or null.</summary>
    public static double? OptionalNumber(JsonElement parameters, string name) =>
        !TryGet(parameters, name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw Invalid($"{name} has to be a number.");

    /// <summary>The error that a request with such params is answered with.</summary>
    public static RpcException Invalid(string sentence) => new(RpcErrorCode.InvalidParams, sentence);

    private static bool TryGet(JsonElement parameters, string name, out JsonElement value)
    {
        value = default;
        return parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out value)
            && value.ValueKind != JsonValueKind.Null;
    }
}
