namespace Bridge.Records;

/// <summary>An image of a conversation.</summary>
/// <param name="Name">Names it within its call; the log has it in place of the image.</param>
/// <param name="Bytes">PNG or JPEG.</param>
internal sealed record StoredImage(string Name, byte[] Bytes)
{
    /// <summary>Media type, by the name's ending.</summary>
    public string MediaType => Name.EndsWith(".png", StringComparison.Ordinal) ? "image/png" : "image/jpeg";
}
