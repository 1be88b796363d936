using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Models;

/// <summary>
/// The answer of <c>responses</c>, as a stream of events or whole. An item is seen up to three times in a stream; it is taken once,
/// and a call only when its arguments are whole.
/// </summary>
/// <param name="progress">Told what the model says of its work ahead of the answer; null: nobody.</param>
internal sealed class ResponsesAnswer(Action<string>? progress)
{
    private const int MaxCalls = 16;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32 };
    private readonly List<ModelItem> _output = [];
    private string _preamble = "";
    private bool _isLast;

    /// <summary>The answer; null until it is whole.</summary>
    public TextAnswer? Answer { get; private set; }

    /// <summary>Reads the data of one server-sent event.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public void ReadEvent(ReadOnlyMemory<byte> utf8)
    {
        if (Answer is not null || utf8.Span.SequenceEqual("[DONE]"u8))
        {
            return;
        }

        using var document = JsonDocument.Parse(utf8, Strict);
        var root = document.RootElement;
        switch (root.Text("type"u8))
        {
            case "response.reasoning_summary_text.done" when root.Text("text"u8) is { } summary:
                Tell(summary);
                break;
            case "response.output_item.done":
                Take(root.Child("item"u8));
                break;
            case "response.completed" or "response.incomplete" or "response.failed":
                Finish(root.Child("response"u8));
                break;
            case "error":
                Fail(root.Text("code"u8) ?? "error", default);
                break;
        }
    }

    /// <summary>Reads an answer that was not streamed; false when it is none.</summary>
    public bool TryReadWhole(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            Finish(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }

        return Answer is not null;
    }

    private void Finish(JsonElement response)
    {
        if (response.Child("output"u8).ValueKind != JsonValueKind.Array && _output.Count == 0 && response.Text("status"u8) is null)
        {
            return;
        }

        // From here on nothing is progress any more.
        _isLast = true;
        var details = response.Child("usage"u8);
        var usage = new ModelUsage(
            Count(details, "input_tokens"u8), 0, 0, Count(details.Child("input_tokens_details"u8), "cached_tokens"u8), 0, 0,
            Count(details, "output_tokens"u8), 0);
        var whole = response.Elements("output"u8).ToList();
        if (whole.Count > 0)
        {
            // The snapshot at the end has all of them, but for servers that leave it empty.
            _output.Clear();
            whole.ForEach(Take);
        }

        switch (response.Text("status"u8))
        {
            case "failed" or "cancelled":
                Fail(response.Child("error"u8).Text("code"u8) ?? response.Text("status"u8)!, usage);
                break;
            case "incomplete" when _output.Count == 0:
                var reason = response.Child("incomplete_details"u8).Text("reason"u8);
                Answer = new TextAnswer([], usage, "the text model's answer was cut off: " + TextModelFailure.CodeOf(reason));
                break;
            default:
                Answer = new TextAnswer([.. _output], usage);
                break;
        }
    }

    private void Fail(string code, ModelUsage usage) =>
        Answer = new TextAnswer([], usage, "the text model failed: " + TextModelFailure.CodeOf(code));

    private void Take(JsonElement item)
    {
        switch (item.Text("type"u8))
        {
            case "message":
                // Also a refusal is told: its words are for the person.
                var text = string.Concat(item.Elements("content"u8).Select(part => part.Text("text"u8) ?? part.Text("refusal"u8)));
                if (text.Length > 0)
                {
                    _output.Add(new ModelItem("text", ModelItemKind.AgentMessage) { Text = text });
                    _preamble = text;
                }

                break;
            case "function_call" when item.Text("status"u8) is null or "completed":
                if ((item.Text("call_id"u8), item.Text("name"u8)) is ({ Length: > 0 } id, { Length: > 0 } name) && IsNew(id))
                {
                    // A message ahead of a call is no answer yet.
                    Tell(_preamble);
                    _preamble = "";
                    _output.Add(new ModelItem(id, ModelItemKind.FunctionCall)
                    {
                        CallId = id, Name = name, Arguments = item.Text("arguments"u8) is { Length: > 0 } arguments ? arguments : "{}",
                    });
                }

                break;
        }
    }

    private bool IsNew(string callId) =>
        _output.TrueForAll(item => item.CallId != callId) && _output.Count(item => item.Kind == ModelItemKind.FunctionCall) < MaxCalls;

    private void Tell(string text)
    {
        if (!_isLast && !string.IsNullOrWhiteSpace(text))
        {
            progress?.Invoke(text);
        }
    }

    private static int Count(JsonElement usage, ReadOnlySpan<byte> name) => Math.Max(0, usage.Integer(name));
}
