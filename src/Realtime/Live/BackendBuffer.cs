using System.Text;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The input that waits at the service for the backend model: at most 128 items and 32,768 bytes between two <c>response.create</c>.
/// </summary>
internal sealed class BackendBuffer(TurnContext context)
{
    /// <summary>Items that may wait.</summary>
    public const int MaxItems = 128;

    /// <summary>Bytes that may wait.</summary>
    public const int MaxBytes = 32_768;

    // Ids, names and brackets of an item, and what escapes add to a text that is mostly letters.
    private const int ItemBytes = 400;

    // Every output has room for this: a call without an output blocks the backend.
    private const int LeastOutput = 120;
    private int _items;
    private int _bytes;
    private int _owed;

    /// <summary>A call was made whose output is owed: room for it is kept.</summary>
    public void Owe() => _owed++;

    /// <summary>The output of a call, shortened to what the service takes of it.</summary>
    public void AddOutput(ModelItem item)
    {
        _owed = Math.Max(0, _owed - 1);
        var room = MaxBytes - _bytes - ItemBytes - (_owed * (ItemBytes + LeastOutput));
        var output = item.Output ?? "";
        if (Size(output) > room)
        {
            context.Report("output_shortened", "the output of a function is larger than the model's service takes for one delegation");
            var quoted = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(output).AsSpan(0,
                Math.Max(0, (room - LeastOutput) / 2))).TrimEnd('\uFFFD');
            output = $"{{\"shortened\":true,\"text\":{System.Text.Json.JsonSerializer.Serialize(quoted)}}}";
            output = Size(output) > Math.Max(room, LeastOutput) ? "{\"shortened\":true}" : output;
        }

        Send(item with { Output = output }, Size(output));
    }

    /// <summary>A message, or false when there is no room for it.</summary>
    public bool TryAdd(ModelItem item)
    {
        var size = Size(item.Text) + (item.ImageUrl?.Length ?? 0);
        if (_items + _owed >= MaxItems || _bytes + size + ItemBytes + (_owed * (ItemBytes + LeastOutput)) > MaxBytes)
        {
            context.Report("backend_full", "a message is larger than the model's service takes for its backend model");
            return false;
        }

        Send(item, size);
        return true;
    }

    /// <summary>The backend model is asked: what waited is its input.</summary>
    public void Ask()
    {
        (_items, _bytes) = (0, 0);
        context.Send(new ModelCommand.CreateResponse() { Id = context.NextTag("backend") });
    }

    /// <summary>Another session: nothing waits there.</summary>
    public void OnSession() => (_items, _bytes, _owed) = (0, 0, 0);

    // Twice: quotes and line ends are escaped, and JSON in JSON has many.
    private static int Size(string text)
    {
        var escaped = 0;
        foreach (var letter in text)
        {
            escaped += letter is '"' or '\\' or '\n' or '\r' or '\t' ? 1 : letter < ' ' ? 5 : 0;
        }

        return Encoding.UTF8.GetByteCount(text) + escaped;
    }

    private void Send(ModelItem item, int size)
    {
        (_items, _bytes) = (_items + 1, _bytes + size + ItemBytes);
        context.Send(new ModelCommand.CreateItem(item) { Id = context.NextTag("item") });
    }
}
