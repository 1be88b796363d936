using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Bridge.Records;

/// <summary>
/// Takes the image out of a user message that is to be stored: a data: URL of PNG or JPEG becomes the name of the image, which
/// is kept as bytes, so that a record is not a third larger than its images and can be read by eye.
/// </summary>
internal static class StoredImages
{
    /// <summary>Begins the data: URL of a PNG image (RFC 2397).</summary>
    public const string PngUrl = "data:image/png;base64,";

    /// <summary>Begins the data: URL of a JPEG image.</summary>
    public const string JpegUrl = "data:image/jpeg;base64,";

    /// <summary>Takes the image out of a data: URL; false when it is none.</summary>
    /// <param name="callId">Begins the image's name.</param>
    /// <param name="number">Told apart by it within the call.</param>
    /// <param name="url">The URL.</param>
    /// <param name="image">Name and bytes.</param>
    public static bool TryTake(string callId, int number, string? url, [NotNullWhen(true)] out StoredImage? image)
    {
        image = null;
        var prefix = url is null ? null
            : url.StartsWith(PngUrl, StringComparison.Ordinal) ? PngUrl
            : url.StartsWith(JpegUrl, StringComparison.Ordinal) ? JpegUrl
            : null;
        if (prefix is null)
        {
            return false;
        }

        var decoded = new byte[(url!.Length - prefix.Length) / 4 * 3];
        if (!Convert.TryFromBase64String(url[prefix.Length..], decoded, out var length) || length == 0)
        {
            return false;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{callId}-{number}{(prefix == PngUrl ? ".png" : ".jpg")}");
        image = new StoredImage(name, decoded[..length]);
        return true;
    }

    /// <summary>The data: URL that the image was taken out of.</summary>
    public static string Url(StoredImage image) =>
        (image.MediaType == "image/png" ? PngUrl : JpegUrl) + Convert.ToBase64String(image.Bytes);
}
