using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Text;

/// <summary>Requests and answers of the Responses API. Nothing is stored: each request brings its whole input.</summary>
internal static class ResponsesObjects
{
    /// <summary>Reads a checked request.</summary>
    public static ServiceError? Read(JsonElement root, TextHistory history)
    {
        if (JsonText.Of(root, "previous_response_id") is { } previous)
        {
            return new ServiceError(
                "previous_response_not_found", $"Previous response with id '{previous}' not found.", "previous_response_id");
        }

        if (JsonText.Of(root, "instructions") is { } instructions)
        {
            history.AddSystem(instructions);
        }

        if (JsonText.Of(root, "input") is { } text)
        {
            history.AddMessage("user", text);
        }
        else if (root.TryGetProperty("input", out var input) && input.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in input.EnumerateArray())
            {
                if (Add(item, history) is { } error)
                {
                    return error;
                }
            }
        }

        if (history.Open.Count > 0)
        {
            // Observed.
            return new ServiceError(null, $"No tool output found for function call {history.Open.First()}.", "input");
        }

        if (root.TryGetProperty("tool_choice", out var choice))
        {
            history.ToolChoice = choice.Clone();
        }

        if (root.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array)
        {
            history.Tools = tools.Clone();
            return ToolDeclarations.Check(tools, "tools");
        }

        return null;
    }

    /// <summary>Writes the answer, whole or as a stream.</summary>
    public static TextAnswer Write(JsonElement root, TextHistory history, TextReply reply, RehearsalIds ids, DateTimeOffset now)
    {
        var response = new JsonObject
        {
            ["id"] = ids.Next("resp"),
            ["object"] = "response",
            ["created_at"] = now.ToUnixTimeSeconds(),
            ["status"] = "in_progress",
            ["error"] = null,
            ["incomplete_details"] = null,
            ["instructions"] = JsonText.Of(root, "instructions"),
            ["model"] = JsonText.Of(root, "model"),
            ["output"] = new JsonArray(),
            ["parallel_tool_calls"] = true,
            ["previous_response_id"] = null,
            ["tool_choice"] = Node(root, "tool_choice") ?? "auto",
            ["tools"] = Node(root, "tools") ?? new JsonArray(),
            ["usage"] = null,
            ["metadata"] = new JsonObject(),
        };
        var whole = response.DeepClone().AsObject();
        whole["status"] = "completed";
        whole["usage"] = new JsonObject
        {
            ["input_tokens"] = history.Tokens,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["output_tokens"] = reply.Tokens,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = history.Tokens + reply.Tokens,
        };
        var output = whole["output"]!.AsArray();
        foreach (var call in reply.Calls)
        {
            output.Add(new JsonObject
            {
                ["id"] = ids.Next("fc"), ["type"] = "function_call", ["status"] = "completed", ["arguments"] = call.Arguments,
                ["call_id"] = call.CallId, ["name"] = call.Name,
            });
        }

        if (reply.Text.Length > 0)
        {
            output.Add(new JsonObject
            {
                ["id"] = ids.Next("msg"), ["type"] = "message", ["status"] = "completed", ["role"] = "assistant",
                ["content"] = new JsonArray(Part(reply.Text)),
            });
        }

        return root.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True
            ? Stream(response, whole)
            : new TextAnswer(200, "application/json", Encoding.UTF8.GetBytes(whole.ToJsonString()));
    }

    private static ServiceError? Add(JsonElement item, TextHistory history)
    {
        switch (JsonText.Of(item, "type"))
        {
            case "function_call":
                history.AddCall(JsonText.Of(item, "call_id")!, JsonText.Of(item, "name")!, JsonText.Of(item, "arguments") ?? "");
                break;
            case "function_call_output":
                var callId = JsonText.Of(item, "call_id") ?? "";
                return history.AddOutput(callId, TextHistory.TextOf(item, "output"))
                    ? null
                    : new ServiceError(null, $"No tool call found for function call output with call_id {callId}.", "input");
            case "message" or null when JsonText.Of(item, "role") is { } role:
                history.AddMessage(role, TextHistory.TextOf(item, "content"));
                break;
        }

        return null;
    }

    private static TextAnswer Stream(JsonObject begun, JsonObject completed)
    {
        var body = new StringBuilder();
        var sequence = 0;
        Event("response.created", new JsonObject { ["response"] = begun.DeepClone() });
        Event("response.in_progress", new JsonObject { ["response"] = begun.DeepClone() });
        var index = 0;
        foreach (var item in completed["output"]!.AsArray())
        {
            var added = item!.DeepClone().AsObject();
            added["status"] = "in_progress";
            var at = new JsonObject { ["item_id"] = (string)item["id"]!, ["output_index"] = index };
            if ((string)item["type"]! == "function_call")
            {
                var arguments = (string)item["arguments"]!;
                added["arguments"] = "";
                Event("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = added });
                Event("response.function_call_arguments.delta", With(at, ("delta", arguments)));
                Event(
                    "response.function_call_arguments.done",
                    With(at, ("name", (string)item["name"]!), ("arguments", arguments)));
            }
            else
            {
                var text = (string)item["content"]![0]!["text"]!;
                added["content"] = new JsonArray();
                at["content_index"] = 0;
                Event("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = added });
                Event("response.content_part.added", With(at, ("part", Part(""))));
                foreach (var word in Words.Split(text))
                {
                    Event("response.output_text.delta", With(at, ("delta", word), ("logprobs", new JsonArray())));
                }

                Event("response.output_text.done", With(at, ("text", text), ("logprobs", new JsonArray())));
                Event("response.content_part.done", With(at, ("part", Part(text))));
            }

            Event("response.output_item.done", new JsonObject { ["output_index"] = index++, ["item"] = item.DeepClone() });
        }

        Event("response.completed", new JsonObject { ["response"] = completed.DeepClone() });
        return new TextAnswer(200, "text/event-stream", Encoding.UTF8.GetBytes(body.ToString()));

        void Event(string type, JsonObject fields)
        {
            var json = new JsonObject { ["type"] = type, ["sequence_number"] = sequence++ };
            var whole = With(json, [.. fields.Select(field => (field.Key, field.Value))]);
            body.Append("event: ").Append(type).Append("\ndata: ").Append(whole.ToJsonString()).Append("\n\n");
        }
    }

    private static JsonObject With(JsonObject first, params (string Name, JsonNode? Value)[] rest)
    {
        var all = first.DeepClone().AsObject();
        foreach (var (name, value) in rest)
        {
            all[name] = value?.DeepClone();
        }

        return all;
    }

    private static JsonObject Part(string text) =>
        new() { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() };

    private static JsonNode? Node(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? JsonNode.Parse(value.GetRawText()) : null;
}
