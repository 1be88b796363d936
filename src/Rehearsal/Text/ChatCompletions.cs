using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Text;

/// <summary>Requests and answers of the Chat Completions API.</summary>
internal static class ChatCompletions
{
    /// <summary>Reads a checked request.</summary>
    public static ServiceError? Read(JsonElement root, TextHistory history)
    {
        var index = 0;
        foreach (var message in root.GetProperty("messages").EnumerateArray())
        {
            var role = JsonText.Of(message, "role")!;
            if (role != "tool" && history.Open.Count > 0)
            {
                return Unanswered(history);
            }

            switch (role)
            {
                // Observed.
                case "tool" when !history.AddOutput(JsonText.Of(message, "tool_call_id") ?? "", TextHistory.TextOf(message, "content")):
                    return new ServiceError(
                        null,
                        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                        $"messages.[{index}].role");
                case "tool":
                    break;
                default:
                    var text = TextHistory.TextOf(message, "content");
                    var calls = message.TryGetProperty("tool_calls", out var list) && list.ValueKind == JsonValueKind.Array
                        ? list.EnumerateArray().Where(call => call.TryGetProperty("function", out _)).ToList()
                        : [];
                    if (text.Length > 0 || calls.Count == 0)
                    {
                        history.AddMessage(role, text);
                    }

                    foreach (var call in calls)
                    {
                        var function = call.GetProperty("function");
                        history.AddCall(
                            JsonText.Of(call, "id")!, JsonText.Of(function, "name")!, JsonText.Of(function, "arguments") ?? "");
                    }

                    break;
            }

            index++;
        }

        if (history.Open.Count > 0)
        {
            return Unanswered(history);
        }

        history.ToolChoice = Choice(root);
        return ReadTools(root, history);
    }

    /// <summary>Writes the answer, whole or as a stream.</summary>
    public static TextAnswer Write(JsonElement root, TextHistory history, TextReply reply, RehearsalIds ids, DateTimeOffset now)
    {
        var head = new JsonObject
        {
            ["id"] = ids.Next("chatcmpl"),
            ["object"] = "chat.completion",
            ["created"] = now.ToUnixTimeSeconds(),
            ["model"] = JsonText.Of(root, "model"),
        };
        var usage = new JsonObject
        {
            ["prompt_tokens"] = history.Tokens,
            ["completion_tokens"] = reply.Tokens,
            ["total_tokens"] = history.Tokens + reply.Tokens,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
        };
        var finish = reply.Calls.Count > 0 ? "tool_calls" : "stop";
        if (root.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True)
        {
            return Stream(root, head, reply, usage, finish);
        }

        var message = new JsonObject
        {
            ["role"] = "assistant", ["content"] = reply.Text.Length > 0 ? reply.Text : null, ["refusal"] = null,
        };
        if (reply.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. reply.Calls.Select(Call)]);
        }

        head["choices"] = new JsonArray(
            new JsonObject { ["index"] = 0, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = finish });
        head["usage"] = usage;
        return new TextAnswer(200, "application/json", Encoding.UTF8.GetBytes(head.ToJsonString()));
    }

    private static TextAnswer Stream(JsonElement root, JsonObject head, TextReply reply, JsonObject usage, string finish)
    {
        head["object"] = "chat.completion.chunk";
        var body = new StringBuilder();
        Chunk(new JsonObject { ["role"] = "assistant", ["content"] = reply.Text.Length > 0 ? "" : null });
        foreach (var word in Words.Split(reply.Text))
        {
            Chunk(new JsonObject { ["content"] = word });
        }

        for (var i = 0; i < reply.Calls.Count; i++)
        {
            var call = Call(reply.Calls[i]);
            call["index"] = i;
            Chunk(new JsonObject { ["tool_calls"] = new JsonArray(call) });
        }

        Chunk([], finish);
        if (root.TryGetProperty("stream_options", out var options) && options.ValueKind == JsonValueKind.Object
            && options.TryGetProperty("include_usage", out var wanted) && wanted.ValueKind == JsonValueKind.True)
        {
            var last = head.DeepClone().AsObject();
            last["choices"] = new JsonArray();
            last["usage"] = usage;
            Add(last);
        }

        body.Append("data: [DONE]\n\n");
        return new TextAnswer(200, "text/event-stream", Encoding.UTF8.GetBytes(body.ToString()));

        void Chunk(JsonObject delta, string? reason = null)
        {
            var chunk = head.DeepClone().AsObject();
            chunk["choices"] = new JsonArray(
                new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = reason });
            Add(chunk);
        }

        void Add(JsonObject chunk) => body.Append("data: ").Append(chunk.ToJsonString()).Append("\n\n");
    }

    private static JsonObject Call(ReplyPart.Call call) => new()
    {
        ["id"] = call.CallId,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
    };

    // Observed.
    private static ServiceError Unanswered(TextHistory history) => new(
        null,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        + $"The following tool_call_ids did not have response messages: {string.Join(", ", history.Open)}",
        "messages");

    private static JsonElement? Choice(JsonElement root) =>
        !root.TryGetProperty("tool_choice", out var choice) ? null
        : choice.ValueKind == JsonValueKind.Object ? choice.TryGetProperty("function", out var function) ? function.Clone() : null
        : choice.Clone();

    private static ServiceError? ReadTools(JsonElement root, TextHistory history)
    {
        if (!root.TryGetProperty("tools", out var tools) || tools.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        history.Tools = JsonSerializer.SerializeToElement(
            tools.EnumerateArray().Select(tool => tool.TryGetProperty("function", out var function) ? function : tool));
        return ToolDeclarations.Check(history.Tools.Value, "tools") is { } error
            ? error with { Param = error.Param?.Replace("].", "].function.", StringComparison.Ordinal) }
            : null;
    }
}
