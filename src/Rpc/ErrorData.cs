using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>The <c>data</c> member of errors made here.</summary>
internal static class ErrorData
{
    public static JsonElement Of(object value) => JsonSerializer.SerializeToElement(value, JsonSerializerOptions.Web);
}
