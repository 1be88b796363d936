using System.Buffers;
using System.Text.Json;

namespace Bridge.Roles;

/// <summary>
/// Builds JSON values with the writer alone. The serializer looks at types by reflection, which costs a start of the
/// server more than reading a hundred roles.
/// </summary>
internal static class JsonText
{
    /// <summary>An empty object.</summary>
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}"u8);

    /// <summary>Nothing, true, false.</summary>
    public static JsonElement Null { get; } = JsonElement.Parse("null"u8);

    /// <inheritdoc cref="Null"/>
    public static JsonElement True { get; } = JsonElement.Parse("true"u8);

    /// <inheritdoc cref="Null"/>
    public static JsonElement False { get; } = JsonElement.Parse("false"u8);

    /// <summary>The value that <paramref name="write"/> writes.</summary>
    public static JsonElement Build<T>(T state, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json, state);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
