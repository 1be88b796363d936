using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Bridge.Rpc;

/// <summary>The handlers of a peer by method. May be used from any thread.</summary>
internal sealed class MethodTable
{
    private readonly ConcurrentDictionary<string, MethodHandler> _handlers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MethodHandler>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public MethodTable()
    {
        _bySpan = _handlers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Adds a handler, or replaces the one of the same method.</summary>
    public void Add(MethodHandler handler)
    {
        var method = handler.Method;
        if (method.StartsWith("$/", StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(method) > Envelope.MaxMethodBytes)
        {
            throw new ArgumentException("A method has at most 128 bytes and does not begin with \"$/\".", nameof(handler));
        }

        _handlers[method] = handler;
    }

    public bool TryFind(ReadOnlySpan<char> method, [NotNullWhen(true)] out MethodHandler? handler) =>
        _bySpan.TryGetValue(method, out handler);
}
