using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bridge.Realtime.Flight;

/// <summary>Writes audio as <c>number+start*length</c>, never its samples.</summary>
internal sealed class AudioPlaceConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString() ?? "";
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        var star = text.IndexOf('*', StringComparison.Ordinal);
        return plus > 0 && star > plus && TryNumber(text[..plus], out var number) && TryNumber(text[(plus + 1)..star], out var start)
            && TryNumber(text[(star + 1)..], out var length) && start <= AudioBlank.MaxLength && length <= AudioBlank.MaxLength - start
            ? new AudioBlank(number, start + length).Memory[start..]
            : throw new JsonException("A place of audio reads number+start*length.");
    }

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options)
    {
        // Audio of nobody that was told of has a length alone.
        var known = MemoryMarshal.TryGetMemoryManager<byte, AudioBlank>(value, out var blank, out var start, out _);
        writer.WriteStringValue(string.Create(
            CultureInfo.InvariantCulture, $"{(known ? blank!.Number : 0)}+{(known ? start : 0)}*{value.Length}"));
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
