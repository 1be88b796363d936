using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Roles;

namespace Bridge.Rehearsal.Text;

/// <summary>
/// The rehearsal model as a text model (<c>/v1/chat/completions</c>, <c>/v1/responses</c>), by the same script: what works behind a
/// voice model with client delegation, or writes a recap. Pure: a request in, its whole answer out.
/// </summary>
public sealed class TextRehearsal
{
    // Says in the bridge's own requests that the voice model has spoken already and that a function is asked for.
    private const string Background = "in the background of a voice conversation";

    private static readonly Lazy<ServiceSchema> ChatSchema = new(() => ServiceSchema.Load("chat-request.schema.json", "ChatRequest"));
    private static readonly Lazy<ServiceSchema> ResponsesSchema =
        new(() => ServiceSchema.Load("responses-request.schema.json", "ResponsesRequest"));

    private readonly Func<string, RehearsalScript?> _scripts;
    private readonly RehearsalIds _ids;
    private RehearsalFaults _faults = RehearsalFaults.None;
    private int _failed;

    /// <summary>Creates the model.</summary>
    /// <param name="scripts">The script for a request's <c>model</c>; null: no such model.</param>
    /// <param name="seed">Seed of the ids.</param>
    public TextRehearsal(Func<string, RehearsalScript?> scripts, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        _scripts = scripts;
        _ids = new RehearsalIds(seed);
    }

    /// <summary>
    /// Misbehaviour: <see cref="RehearsalFaults.FailResponses"/> requests fail with <see cref="RehearsalFaults.FailCode"/>.
    /// </summary>
    public RehearsalFaults Faults
    {
        get => _faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _faults = value;
            _failed = 0;
        }
    }

    /// <summary>Answers a request of the Chat Completions API.</summary>
    /// <param name="request">UTF-8 JSON, hostile until parsed.</param>
    /// <param name="now">Shown as <c>created</c>.</param>
    public TextAnswer Chat(ReadOnlyMemory<byte> request, DateTimeOffset now) => Answer(request, ChatSchema.Value, ChatCompletions.Read,
        (root, history, reply) => ChatCompletions.Write(root, history, reply, _ids, now));

    /// <summary>Answers a request of the Responses API.</summary>
    /// <param name="request">UTF-8 JSON, hostile until parsed.</param>
    /// <param name="now">Shown as <c>created_at</c>.</param>
    public TextAnswer Respond(ReadOnlyMemory<byte> request, DateTimeOffset now) => Answer(request, ResponsesSchema.Value,
        ResponsesObjects.Read, (root, history, reply) => ResponsesObjects.Write(root, history, reply, _ids, now));

    /// <summary>The JSON of an error.</summary>
    internal static TextAnswer Refuse(int status, ServiceError error, string type = ServiceError.InvalidRequest) => new(
        status,
        "application/json",
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["message"] = error.Message, ["type"] = type, ["param"] = error.Param, ["code"] = error.Code,
            },
        }.ToJsonString()));

    private TextAnswer Answer(
        ReadOnlyMemory<byte> request, ServiceSchema schema, Func<JsonElement, TextHistory, ServiceError?> read,
        Func<JsonElement, TextHistory, TextReply, TextAnswer> write)
    {
        if (!ClientMessage.TryParse(request, out var document))
        {
            return Refuse(400, new ServiceError(null, "We could not parse the JSON body of your request."));
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return Refuse(400, new ServiceError(null, "We could not parse the JSON body of your request."));
            }

            var history = new TextHistory();
            if ((schema.Check(root) ?? read(root, history)) is { } error)
            {
                return Refuse(400, error);
            }

            var model = root.TryGetProperty("model", out var named) ? named.GetString() ?? "" : "";
            if (_scripts(model) is not { } script)
            {
                return Refuse(404, ServiceError.NoSuchModel(model) with { Param = "model" });
            }

            if (Faults.FailResponses < 0 || _failed < Faults.FailResponses)
            {
                _failed++;
                return Refuse(
                    Faults.FailCode == "rate_limit_exceeded" ? 429 : 500, ServiceError.Asked(Faults.FailCode), "server_error");
            }

            return write(root, history, Plan(script, history));
        }
    }

    private TextReply Plan(RehearsalScript script, TextHistory history)
    {
        var works = history.System.Contains(Background, StringComparison.OrdinalIgnoreCase);
        var outcome = history.Forced == RoleOutcome.Function;
        var aside = outcome || (!works && history.System.Length > 0 && history.Tools is null);
        var parts = new ReplyPlanner(_ids) { Script = script }.Plan(
            new ReplyPlanner.Request(works ? Asked(history.Items) : history.Items, aside, false, null, history.Tools, history.ToolChoice));
        var calls = parts.OfType<ReplyPart.Call>().ToList();
        var lines = works && calls.Count > 0 ? [] : parts.OfType<ReplyPart.Line>().Select(line => line.Text);
        return new TextReply(string.Join(' ', lines), calls);
    }

    // The voice may have begun to speak of it: that is no answer to what the person asked for last.
    private static List<RehearsalItem> Asked(IReadOnlyList<RehearsalItem> items)
    {
        var asked = items.Select((item, at) => item.IsUser ? at : -1).Append(-1).Max();
        return [.. items.Where((item, at) => at <= asked || !item.IsAssistant)];
    }
}
