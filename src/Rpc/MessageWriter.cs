using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>Writes one message into a buffer that is kept per thread.</summary>
internal sealed class MessageWriter : IBufferWriter<byte>, IDisposable
{
    private const int KeptCapacity = 64 * 1024;

    // Relaxed: the text goes into a JSON parser and never into HTML, and escapes would triple other scripts.
    private static readonly JsonWriterOptions Format = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static MessageWriter? _spare;

    private readonly Utf8JsonWriter _json;
    private byte[] _buffer = new byte[1024];
    private int _length;

    private MessageWriter()
    {
        _json = new Utf8JsonWriter(this, Format);
    }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>An empty writer. A serializer that comes back here through a converter gets another one.</summary>
    public static MessageWriter Rent()
    {
        var writer = _spare ?? new MessageWriter();
        _spare = null;
        return writer;
    }

    /// <summary>Gives it back for the next message of this thread.</summary>
    public void Dispose()
    {
        _length = 0;
        if (_buffer.Length <= KeptCapacity)
        {
            _spare = this;
        }
    }

    public void Clear() => _length = 0;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    public MessageWriter Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
        return this;
    }

    public MessageWriter Number(long value)
    {
        Reserve(20);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written);
        _length += written;
        return this;
    }

    public MessageWriter String(string value)
    {
        _json.Reset(this);
        _json.WriteStringValue(value);
        _json.Flush();
        return this;
    }

    public MessageWriter Id(RpcId? id)
    {
        if (id is not { } known)
        {
            return Raw("null"u8);
        }

        if (known.Text is not { } text)
        {
            return Number(known.Number);
        }

        Reserve(text.Length * 3);
        _length += System.Text.Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        return this;
    }

    public MessageWriter Value(object? value, JsonSerializerOptions options)
    {
        _json.Reset(this);
        if (value is JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Undefined)
            {
                _json.WriteNullValue();
            }
            else
            {
                element.WriteTo(_json);
            }
        }
        else
        {
            JsonSerializer.Serialize(_json, value, value?.GetType() ?? typeof(object), options);
        }

        _json.Flush();
        return this;
    }

    public void TakeBack(int count) => _length -= count;

    /// <summary><c>{"jsonrpc":"2.0","method":M</c>, to go on with params.</summary>
    public MessageWriter Notification(string method) => Raw("{\"jsonrpc\":\"2.0\",\"method\":"u8).String(method);

    /// <summary><c>{"jsonrpc":"2.0","id":N,BODY}</c>, where the body is a result or an error member.</summary>
    public MessageWriter Response(RpcId? id, ReadOnlySpan<byte> body) =>
        Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Id(id).Raw(","u8).Raw(body).Raw("}"u8);

    /// <summary><c>"error":{...}</c>.</summary>
    public MessageWriter Error(int code, string message, JsonElement data)
    {
        Raw("\"error\":{\"code\":"u8).Number(code).Raw(",\"message\":"u8).String(message);
        if (data.ValueKind != JsonValueKind.Undefined)
        {
            Raw(",\"data\":"u8).Value(data, JsonSerializerOptions.Web);
        }

        return Raw("}"u8);
    }

    private void Reserve(int count)
    {
        count = Math.Max(count, 1);
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }
    }
}
