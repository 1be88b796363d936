using System.Text.Json;

namespace Bridge.Rehearsal;

// Responses: asked for, thought about, put out in deltas, ended.
public sealed partial class RehearsalSession
{
    private const int RequestsPerMinute = 1000;
    private const int TokensPerMinute = 50_000;
    private static readonly TimeSpan DefaultThinking = TimeSpan.FromMilliseconds(120);
    private readonly Dictionary<int, (RehearsalResponse Response, ReplyPart.Line Line)> _speaking = [];
    private readonly List<RehearsalResponse> _outOfBand = [];
    private RehearsalResponse? _active;
    private RehearsalUsage? _lastUsage;
    private bool _spoke;
    private int _failed;
    private int _spokenRequests;
    private int _responses;

    /// <summary>Takes the speech asked for by <see cref="RehearsalOutput.Speak"/>; 24 kHz mono PCM16, kept, not copied.</summary>
    public void Spoken(TimeSpan now, int request, ReadOnlyMemory<short> pcm)
    {
        if (Ended || !_speaking.Remove(request, out var speaking))
        {
            return;
        }

        speaking.Line.Pcm = pcm;
        if (speaking.Response is { Ended: false, AwaitsVoice: true } response && response.Line == speaking.Line)
        {
            response.AwaitsVoice = false;
            BeginFlow(response, now);
        }

        Advance(now);
    }

    private ServiceError? CreateResponse(TimeSpan now, JsonElement parameters)
    {
        var outOfBand = parameters.ValueKind == JsonValueKind.Object && Text(parameters, "conversation") == "none";
        if (!outOfBand && _active is { } active)
        {
            return ServiceError.ActiveResponse(active.Id);
        }

        return StartResponse(now, parameters, idle: false);
    }

    private ServiceError? StartResponse(TimeSpan now, JsonElement parameters, bool idle)
    {
        if (ReplySettings.Read(parameters, _config, _spoke, out var settings) is { } error)
        {
            return error;
        }

        IReadOnlyList<RehearsalItem> context = _conversation.Items;
        if (settings.Input is { } input && ReadInput(input, out context) is { } wrong)
        {
            return wrong;
        }

        var usage = new RehearsalUsage();
        usage.CountInput(settings.Instructions, settings.Tools, context, _lastUsage);
        var response = new RehearsalResponse
        {
            Id = _ids.Next("resp"),
            OutOfBand = settings.OutOfBand,
            Text = settings.Text || Faults.TextOnly,
            Voice = settings.Voice,
            Speed = _config.Speed,
            Format = settings.Format,
            MaxOutputTokens = settings.MaxOutputTokens,
            Metadata = settings.Metadata,
            ConversationId = settings.OutOfBand ? null : _conversationId,
            Plan = new Queue<ReplyPart>(_planner.Plan(
                new ReplyPlanner.Request(context, settings.OutOfBand, idle, settings.Prompt, settings.Tools, settings.ToolChoice))),
            Usage = usage,
        };
        if (response.OutOfBand)
        {
            _outOfBand.Add(response);
        }
        else
        {
            _active = response;
            _idleRound++;
        }

        response.Write(_events.Begin("response.created"u8), "in_progress");
        _events.End();
        WriteRateLimits(usage.Input);
        if (!response.Text)
        {
            foreach (var line in response.Plan.OfType<ReplyPart.Line>())
            {
                _speaking.Add(++_spokenRequests, (response, line));
                _events.Speak(_spokenRequests, line.Text, response.Voice, response.Speed);
            }
        }

        var thinking = Faults.ThinkSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultThinking;
        if (Faults.Reasoning)
        {
            Reason(response, now, now + thinking, _ids.Next("rs"));
        }

        _timers.Add(now + thinking, at => Begin(response, at));
        return null;
    }

    // Items of response.input: new ones, which stay outside the conversation, and references into it.
    private ServiceError? ReadInput(JsonElement input, out IReadOnlyList<RehearsalItem> items)
    {
        var read = new List<RehearsalItem>();
        items = read;
        var index = 0;
        foreach (var json in input.EnumerateArray())
        {
            var path = FormattableString.Invariant($"response.input[{index++}]");
            if (Text(json, "type") == "item_reference")
            {
                var id = Text(json, "id")!;
                if (_conversation.Find(id) is not { } known)
                {
                    return ServiceError.Invalid($"{path}.id", $"the item with id '{id}' does not exist.");
                }

                read.Add(known);
            }
            else if (ReadItem(json, path, out var item) is { } error)
            {
                return error;
            }
            else
            {
                read.Add(item);
            }
        }

        return null;
    }

    private ServiceError? Cancel(TimeSpan now, JsonElement root)
    {
        var response = Text(root, "response_id") is { } id
            ? _active?.Id == id ? _active : _outOfBand.Find(r => r.Id == id)
            : _active;
        if (response is null)
        {
            return ServiceError.NothingToCancel();
        }

        EndResponse(response, now, "cancelled", "client_cancelled");
        return null;
    }

    // A summary of the reasoning, a piece a second: events of the response that only a lenient client lives with.
    private void Reason(RehearsalResponse response, TimeSpan at, TimeSpan until, string item)
    {
        if (response.Ended || at >= until)
        {
            return;
        }

        var json = _events.Begin("response.reasoning_summary_text.delta"u8);
        json.WriteString("response_id"u8, response.Id);
        json.WriteString("item_id"u8, item);
        json.WriteNumber("output_index"u8, 0);
        json.WriteNumber("summary_index"u8, 0);
        json.WriteString("delta"u8, "Thinking. "u8);
        _events.End();
        _timers.Add(at + TimeSpan.FromSeconds(1), later => Reason(response, later, until, item));
    }

    private void WriteRateLimits(int reserved)
    {
        _responses++;
        var json = _events.Begin("rate_limits.updated"u8);
        json.WriteStartArray("rate_limits"u8);
        Limit("requests"u8, RequestsPerMinute, Faults.RateLimitRemaining ?? Math.Max(0, RequestsPerMinute - _responses));
        Limit("tokens"u8, TokensPerMinute, Faults.RateLimitRemaining ?? Math.Max(0, TokensPerMinute - reserved));
        json.WriteEndArray();
        _events.End();

        void Limit(ReadOnlySpan<byte> name, int limit, int remaining)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteNumber("limit"u8, limit);
            json.WriteNumber("remaining"u8, remaining);
            json.WriteNumber("reset_seconds"u8, Math.Round(60.0 * (limit - Math.Min(remaining, limit)) / limit, 3));
            json.WriteEndObject();
        }
    }

    private void Begin(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        if (Faults.FailResponses < 0 || _failed < Faults.FailResponses)
        {
            _failed++;
            EndResponse(response, at, "failed", failure: Faults.FailCode);
            return;
        }

        NextPart(response, at);
    }

    private void NextPart(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        if (response.CutShort || !response.Plan.TryDequeue(out var part))
        {
            EndResponse(response, at, response.CutShort ? "incomplete" : "completed", response.CutShort ? "max_output_tokens" : null);
        }
        else if (part is ReplyPart.Call call)
        {
            PutOutCall(response, call);
            _timers.Add(at + WordTime, later => NextPart(response, later));
        }
        else
        {
            OpenMessage(response, (ReplyPart.Line)part, at);
        }
    }

    private void EndResponse(RehearsalResponse response, TimeSpan now, string status, string? reason = null, string? failure = null)
    {
        if (response.Message is not null)
        {
            CloseMessage(response, "incomplete");
        }

        response.Ended = true;
        response.Usage.CountOutput(response.Output);
        response.Write(_events.Begin("response.done"u8), status, reason, failure);
        _events.End();
        if (response.OutOfBand)
        {
            _outOfBand.Remove(response);
            return;
        }

        _active = null;
        _lastUsage = response.Usage;
        ArmIdle(response.PlayedAt > now ? response.PlayedAt : now);
    }
}
