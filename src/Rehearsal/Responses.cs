using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// Responses: asked for, thought about, put out at the model's pace, ended. At most one is part of the conversation at a
/// time; <paramref name="ended"/> is called when its audio will have been played.
/// </summary>
internal sealed class Responses(
    RehearsalIds ids, ServerEvents events, SessionTimers timers, ReplyPlanner planner, ConversationItems conversation,
    Action<TimeSpan> ended)
{
    private const int ChunkSamples = 2400;
    private const int HeadStartChunks = 3;
    private const double DefaultPace = 1.5;

    // Transcript deltas run ahead of the audio they belong to.
    private const int TranscriptLeadSamples = 4800;
    private static readonly TimeSpan WordTime = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan DefaultThinking = TimeSpan.FromMilliseconds(120);
    private readonly ResponseOutput _output = new(ids, events, conversation);
    private readonly RateLimits _rateLimits = new(events);
    private readonly Dictionary<int, (RehearsalResponse Response, ReplyPart.Line Line)> _speaking = [];
    private readonly List<RehearsalResponse> _outOfBand = [];
    private RehearsalResponse? _active;
    private RehearsalUsage? _lastUsage;
    private int _failed;
    private int _spokenRequests;

    /// <summary>True while a response of the conversation is in progress.</summary>
    public bool Active => _active is not null;

    /// <summary>True once the model has put out audio.</summary>
    public bool Spoke => _output.Spoke;

    /// <summary><c>response.create</c>: one response at a time, and any number outside the conversation.</summary>
    public ServiceError? Create(TimeSpan now, JsonElement parameters, SessionConfig config)
    {
        var outOfBand = parameters.ValueKind == JsonValueKind.Object && JsonText.Of(parameters, "conversation") == "none";
        if (!outOfBand && _active is { } active)
        {
            return ServiceError.ActiveResponse(active.Id);
        }

        return Start(now, parameters, config, idle: false);
    }

    /// <summary>Begins a response.</summary>
    /// <param name="now">The time.</param>
    /// <param name="parameters">Checked parameters of <c>response.create</c>; undefined: none.</param>
    /// <param name="config">The session's configuration.</param>
    /// <param name="idle">True when nobody spoke for the idle timeout.</param>
    public ServiceError? Start(TimeSpan now, JsonElement parameters, SessionConfig config, bool idle)
    {
        if (ReplySettings.Read(parameters, config, _output.Spoke, out var settings) is { } error)
        {
            return error;
        }

        IReadOnlyList<RehearsalItem> context = conversation.Items;
        if (settings.Input is { } input && conversation.ReadInput(input, out context) is { } wrong)
        {
            return wrong;
        }

        var usage = new RehearsalUsage();
        usage.CountInput(settings.Instructions, settings.Tools, context, _lastUsage);
        var response = new RehearsalResponse
        {
            Id = ids.Next("resp"),
            OutOfBand = settings.OutOfBand,
            Text = settings.Text || events.Faults.TextOnly,
            Voice = settings.Voice,
            Speed = config.Speed,
            Format = settings.Format,
            MaxOutputTokens = settings.MaxOutputTokens,
            Metadata = settings.Metadata,
            ConversationId = settings.OutOfBand ? null : conversation.Id,
            Plan = new Queue<ReplyPart>(planner.Plan(
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
        }

        response.Write(events.Begin("response.created"u8), "in_progress");
        events.End();
        _rateLimits.Count(usage.Input);
        AskForSpeech(response);
        var thinking = events.Faults.ThinkSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultThinking;
        if (events.Faults.Reasoning)
        {
            Reason(response, now, now + thinking, ids.Next("rs"));
        }

        timers.Add(now + thinking, at => Begin(response, at));
        return null;
    }

    /// <summary><c>response.cancel</c>.</summary>
    public ServiceError? Cancel(TimeSpan now, JsonElement root)
    {
        var response = JsonText.Of(root, "response_id") is { } id
            ? _active?.Id == id ? _active : _outOfBand.Find(r => r.Id == id)
            : _active;
        if (response is null)
        {
            return ServiceError.NothingToCancel();
        }

        End(response, now, "cancelled", "client_cancelled");
        return null;
    }

    /// <summary>The caller spoke: the response in progress ends.</summary>
    public void Interrupt(TimeSpan now)
    {
        if (_active is { } active)
        {
            End(active, now, "cancelled", "turn_detected");
        }
    }

    /// <summary>New faults fail their responses from the first on.</summary>
    public void ForgetFailures() => _failed = 0;

    /// <summary>Takes the speech asked for; false when it is no longer wanted.</summary>
    public bool Spoken(TimeSpan now, int request, ReadOnlyMemory<short> pcm)
    {
        if (!_speaking.Remove(request, out var speaking))
        {
            return false;
        }

        speaking.Line.Pcm = pcm;
        if (speaking.Response is { Ended: false, AwaitsVoice: true } response && response.Line == speaking.Line)
        {
            response.AwaitsVoice = false;
            BeginFlow(response, now);
        }

        return true;
    }

    private void AskForSpeech(RehearsalResponse response)
    {
        foreach (var line in response.Text ? [] : response.Plan.OfType<ReplyPart.Line>())
        {
            _speaking.Add(++_spokenRequests, (response, line));
            events.Speak(_spokenRequests, line.Text, response.Voice, response.Speed);
        }
    }

    // A summary of the reasoning, a piece a second: events of the response that only a lenient client accepts.
    private void Reason(RehearsalResponse response, TimeSpan at, TimeSpan until, string item)
    {
        if (response.Ended || at >= until)
        {
            return;
        }

        var json = events.Begin("response.reasoning_summary_text.delta"u8);
        json.WriteString("response_id"u8, response.Id);
        json.WriteString("item_id"u8, item);
        json.WriteNumber("output_index"u8, 0);
        json.WriteNumber("summary_index"u8, 0);
        json.WriteString("delta"u8, "Thinking. "u8);
        events.End();
        timers.Add(at + TimeSpan.FromSeconds(1), later => Reason(response, later, until, item));
    }

    private void Begin(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        if (events.Faults.FailResponses < 0 || _failed < events.Faults.FailResponses)
        {
            _failed++;
            End(response, at, "failed", failure: events.Faults.FailCode);
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
            End(response, at, response.CutShort ? "incomplete" : "completed", response.CutShort ? "max_output_tokens" : null);
        }
        else if (part is ReplyPart.Call call)
        {
            _output.WriteCall(response, call);
            timers.Add(at + WordTime, later => NextPart(response, later));
        }
        else
        {
            OpenMessage(response, (ReplyPart.Line)part, at);
        }
    }

    private void OpenMessage(RehearsalResponse response, ReplyPart.Line line, TimeSpan at)
    {
        _output.OpenMessage(response, line);
        if (response.Text)
        {
            LimitWords(response, RehearsalUsage.Text(line.Text.Length));
            TextStep(response, at);
        }
        else if (line.Pcm is not null)
        {
            BeginFlow(response, at);
        }
        else
        {
            response.AwaitsVoice = true;
        }
    }

    // Cuts the line where max_output_tokens ends it, and gives the part of it that is left.
    private static double LimitWords(RehearsalResponse response, int tokens)
    {
        var left = (response.MaxOutputTokens ?? int.MaxValue) - response.Output.Sum(i => RehearsalUsage.Text(i.Value.Length));
        if (tokens <= left)
        {
            return 1;
        }

        response.CutShort = true;
        var portion = Math.Max(0, (double)left / tokens);
        response.Words = response.Words[..(int)(response.Words.Length * portion)];
        return portion;
    }

    private void TextStep(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        var pace = events.Faults.DeltaPace;
        var words = pace == 0 ? response.Words.Length : response.WordsSent + 1;
        _output.SendWords(response, words, "response.output_text.delta"u8);
        if (response.WordsSent < response.Words.Length)
        {
            timers.Add(at + (pace is { } p ? WordTime / Math.Max(p, 0.01) : WordTime), later => TextStep(response, later));
        }
        else
        {
            _output.CloseMessage(response, response.CutShort ? "incomplete" : "completed");
            NextPart(response, at);
        }
    }

    private void BeginFlow(RehearsalResponse response, TimeSpan at)
    {
        var pcm = response.Line!.Pcm!.Value;
        response.Message!.Content[0].WholeSamples = pcm.Length;
        var portion = LimitWords(response, RehearsalUsage.Text(response.Line.Text.Length) + RehearsalUsage.SpokenAudio(pcm.Length));
        response.Line.Pcm = pcm[..(int)(pcm.Length * portion)];
        FlowStep(response, at);
    }

    private void FlowStep(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        var pcm = response.Line!.Pcm!.Value;
        var pace = events.Faults.DeltaPace ?? DefaultPace;
        var chunks = events.Faults.BurstSeconds is { } burst ? Math.Max(1, (int)(burst * 24_000 / ChunkSamples))
            : response.FlowSamples == 0 && pace > 1 ? HeadStartChunks
            : 1;
        var before = response.FlowSamples;
        while (response.FlowSamples < pcm.Length && (pace == 0 || chunks-- > 0))
        {
            var chunk = Math.Min(ChunkSamples, pcm.Length - response.FlowSamples);
            var reach = Math.Min(1, (double)(response.FlowSamples + chunk + TranscriptLeadSamples) / pcm.Length);
            _output.SendWords(response, (int)Math.Ceiling(response.Words.Length * reach), "response.output_audio_transcript.delta"u8);
            _output.SendAudio(response, pcm.Slice(response.FlowSamples, chunk), at);
        }

        if (response.FlowSamples < pcm.Length)
        {
            // A head start stays a head start: the next chunk is due as if only one had been sent.
            var paced = events.Faults.BurstSeconds is null ? ChunkSamples : response.FlowSamples - before;
            timers.Add(at + TimeSpan.FromSeconds(paced / 24_000.0 / pace), later => FlowStep(response, later));
        }
        else
        {
            _output.SendWords(response, response.Words.Length, "response.output_audio_transcript.delta"u8);
            _output.CloseMessage(response, response.CutShort ? "incomplete" : "completed");
            NextPart(response, at);
        }
    }

    private void End(RehearsalResponse response, TimeSpan now, string status, string? reason = null, string? failure = null)
    {
        if (response.Message is not null)
        {
            _output.CloseMessage(response, "incomplete");
        }

        response.Ended = true;
        response.Usage.CountOutput(response.Output);
        response.Write(events.Begin("response.done"u8), status, reason, failure);
        events.End();
        if (response.OutOfBand)
        {
            _outOfBand.Remove(response);
            return;
        }

        _active = null;
        _lastUsage = response.Usage;
        ended(response.PlayedAt > now ? response.PlayedAt : now);
    }
}
