using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>
/// The model's run over the timeline: input audio goes through the ear, what lies in a new cell is told, and 100 ms of output follow
/// 100 ms of input at once.
/// </summary>
internal sealed class LiveInference
{
    private static readonly short[] Silence = new short[LiveTimeline.FrameSamples];

    private readonly LiveEvents _events;
    private readonly RehearsalIds _ids;
    private readonly LiveTimeline _timeline = new();
    private readonly LiveItems _conversation = new();
    private readonly LiveEar _ear;
    private readonly LiveMouth _mouth;
    private readonly LiveAppends _appends;
    private readonly LiveFixture _fixture;
    private LiveAudio _audio = new(null);
    private bool _cut;
    private long? _yieldsAt;
    private string? _turn;

    public LiveInference(LiveEvents events, RehearsalIds ids, ReplyPlanner planner, SpeechLevel speech)
    {
        _events = events;
        _ids = ids;
        _ear = new LiveEar(speech, new ScriptedHearing(planner));
        _mouth = new LiveMouth(events, ids, _conversation);
        _appends = new LiveAppends(events, ids, _timeline);
        _fixture = new LiveFixture(events);
        Mind = new LiveMind(ids, planner, _conversation, _mouth, _timeline, events);
    }

    public LiveMind Mind { get; }

    /// <summary>True: input is heard as silence; the timeline goes on.</summary>
    public bool Muted { get; set; }

    public bool PlaysFixture => _fixture.Plays;

    /// <summary>Milliseconds of the timeline.</summary>
    public long Position => _timeline.Position;

    /// <summary>Characters of the conversation that the model has in mind.</summary>
    public int Characters => _conversation.Characters;

    public void Begin(LiveConfig config, LiveBackend? backend)
    {
        _audio = new LiveAudio(config.Format);
        _mouth.Voice = config.Voice;
        Mind.Config = config;
        Mind.Backend = backend;
    }

    /// <summary>Adds a message of the history.</summary>
    public void Remember(string role, string text) => _conversation.AddText(_ids.Next("item"), role, text);

    /// <summary>Takes the speech asked for.</summary>
    public void Spoken(int request, ReadOnlyMemory<short> pcm) => _mouth.Spoken(request, pcm);

    /// <summary>Takes context for the timeline.</summary>
    public ServiceError? Add(LiveAppends.Append append) => _appends.Add(append);

    /// <summary>Plays a recording; the model falls silent for it.</summary>
    public ServiceError? Play(JsonElement command, string? clientEventId)
    {
        var error = _fixture.Play(command, clientEventId);
        if (error is null)
        {
            _cut |= _mouth.Stop();
        }

        return error;
    }

    /// <summary>The session ends: context that is not placed gets its errors.</summary>
    public void Close() => _appends.Close();

    /// <summary>Takes input audio in base64; all that follows from it is put out at once.</summary>
    public ServiceError? Hear(TimeSpan now, ReadOnlySpan<byte> base64)
    {
        if (_audio.Decode(base64, out var samples) is { } error)
        {
            return error;
        }

        ReadOnlySpan<short> left = samples;
        while (_timeline.TryFill(ref left, out var frame))
        {
            if (!_fixture.Plays)
            {
                Listen(Muted ? Silence : frame);
            }

            if (_timeline.Position % LiveTimeline.DeltaMs == 0)
            {
                Step(now, _timeline.Position - LiveTimeline.DeltaMs);
            }
        }

        return null;
    }

    private void Listen(ReadOnlySpan<short> frame)
    {
        var start = (_timeline.Position - LiveTimeline.FrameMs) * InputAudio.SamplesPerMillisecond;
        var change = _ear.Judge(frame, start, out var turn);
        if (change == SpeechChange.Started)
        {
            _yieldsAt = _timeline.Position + (long)((_events.Faults.TalkOverSeconds ?? 0) * 1000);
        }

        if (_yieldsAt <= _timeline.Position)
        {
            _yieldsAt = null;
            _cut |= _mouth.Stop();
        }

        if (change == SpeechChange.Stopped)
        {
            _yieldsAt = null;
            if (turn is not null)
            {
                _turn = turn;
            }
            else if (_cut)
            {
                Mind.Resume();
            }

            _cut = false;
        }
    }

    // 100 ms of the timeline: what lies in a new cell, then the model's audio.
    private void Step(TimeSpan now, long start)
    {
        if (start % LiveTimeline.CellMs == 0)
        {
            BeginCell(now, start);
        }

        Span<short> output = stackalloc short[LiveTimeline.DeltaSamples];
        output.Clear();
        if (_fixture.Plays)
        {
            _fixture.Take(output);
        }
        else
        {
            _mouth.Take(output);
        }

        _events.Audio(_audio.Encode(output));
        _fixture.End();
    }

    private void BeginCell(TimeSpan now, long cell)
    {
        if (_ear.TakeWords() is { } heard)
        {
            _events.Transcript("session.input_transcript.delta"u8, cell, heard);
        }

        while (_appends.TryPlace(cell, out var append))
        {
            Mind.Take(now, append);
        }

        if (_turn is { } turn)
        {
            _turn = null;
            Mind.Answer(now, turn);
        }

        if (!_fixture.Plays && _mouth.BeginCell(cell, !_ear.Hears) is { } said)
        {
            _events.Transcript("session.output_transcript.delta"u8, cell, said);
        }
    }
}
