using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>A method and what answers it.</summary>
internal sealed record MethodHandler(string Method, Func<JsonElement, RpcContext, ValueTask<object?>> Run);
