using System.Buffers;
using System.Text;
using Bridge.Models;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Live;
using Bridge.Rehearsal.Text;
using Bridge.Roles;

namespace Bridge.Cli.Golden;

/// <summary>
/// The full-duplex rehearsal model without socket and without clock, with a microphone that hears silence: its timeline moves with audio
/// alone. The text model beside it plays the same script. Commands, requests and events take the wire's form on their way.
/// </summary>
internal sealed class VirtualLiveSession : GoldenSession
{
    private const ulong Seed = 1;
    private const int SamplesPerLetter = 24_000 / 15;
    private static readonly TimeSpan Cap = TimeSpan.FromHours(2);
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(100);

    private static readonly byte[] Silence = Encoding.UTF8.GetBytes(
        $"{{\"type\":\"session.input_audio.append\",\"audio\":\"{Convert.ToBase64String(new byte[4_800])}\"}}");

    private readonly LiveRehearsalSession _session;
    private readonly LiveEventReader _reader = new(TimeProvider.System);
    private readonly Queue<ModelEvent> _events = new();
    private readonly string _model;
    private readonly TextRehearsal _textModel;
    private TimeSpan? _deadline;
    private TimeSpan? _heardTo;

    public VirtualLiveSession(TimeSpan now, string model, RehearsalScript script)
    {
        _model = model;
        _textModel = new TextRehearsal(_ => script, Seed);
        _session = new LiveRehearsalSession(_ => script, EnergySpeech.Create(), RehearsalFaults.None, Cap, Seed);
        _session.Open(now, DateTimeOffset.UnixEpoch);
        Take(now);
    }

    public override ServerHabits Habits => ServerHabits.NoTruncate;

    public override TimeSpan? NextDeadline => _heardTo is { } to && !(_deadline < to + Piece) ? to + Piece : _deadline;

    public override void Send(TimeSpan now, ModelCommand command)
    {
        if (command is ModelCommand.CreateResponse { Settings: { Tag: { } tag } settings })
        {
            AskTextModel(tag, settings);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        if (LiveCommandWriter.TryWrite(buffer, command, _model))
        {
            _session.Receive(now, buffer.WrittenMemory);
            Take(now);
        }
    }

    public override bool TryRead(out ModelEvent? read) => _events.TryDequeue(out read);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public override void Advance(TimeSpan now)
    {
        while (_heardTo + Piece is { } heard && heard <= now && !_session.Ended)
        {
            _heardTo = heard;
            _session.Receive(heard, Silence);
            Take(heard);
        }

        Take(now);
    }

    private void AskTextModel(string tag, ResponseSettings settings)
    {
        var request = new TextRequest(
            settings.Model, settings.Instructions ?? "", settings.Input ?? [], settings.Tools ?? [], settings.MustCall,
            settings.MaxOutputTokens);
        var told = _textModel.Chat(ChatRequest.Write(_model, request, isProviders: true), DateTimeOffset.UnixEpoch);
        _events.Enqueue(new ModelEvent.ResponseCreated(tag, tag));
        _events.Enqueue(told.Status == 200 && ChatAnswer.TryRead(told.Body, out var answer)
            ? new ModelEvent.ResponseDone(tag, "completed", null, answer.Output, answer.Usage, tag)
            : new ModelEvent.ResponseDone(tag, "failed", Encoding.UTF8.GetString(told.Body.Span), [], default, tag));
    }

    private void Take(TimeSpan now)
    {
        _deadline = _session.Advance(now);
        while (_session.TryTake(out var output))
        {
            switch (output)
            {
                case RehearsalOutput.Send(var utf8):
                    var what = _reader.Read(utf8);
                    _heardTo ??= what is LiveEvent.SessionStarted ? now : null;
                    _events.Enqueue(what);
                    break;
                case RehearsalOutput.Speak(var request, var text, _, _):
                    // The faintest sound of the length that the words would take: silence would be no speech.
                    var pcm = new short[text.Length * SamplesPerLetter];
                    Array.Fill(pcm, (short)1);
                    _session.Spoken(now, request, pcm);
                    break;
            }

            _deadline = _session.Advance(now);
        }
    }
}
