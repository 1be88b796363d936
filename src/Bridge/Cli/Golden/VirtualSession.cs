using System.Buffers;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using Bridge.Roles;

namespace Bridge.Cli.Golden;

/// <summary>
/// The rehearsal model without socket and without clock. Commands and events take the wire's form on their way, so that
/// what the strict session refuses is refused here too.
/// </summary>
internal sealed class VirtualSession : GoldenSession
{
    private const ulong Seed = 1;
    private const int SamplesPerLetter = 24_000 / 15;
    private static readonly TimeSpan Cap = TimeSpan.FromHours(1);

    private readonly RehearsalSession _session;
    private readonly EventReader _reader = new();
    private readonly Queue<ModelEvent> _events = new();
    private TimeSpan? _deadline;

    public VirtualSession(TimeSpan now, string model, RehearsalScript script)
    {
        _session = new RehearsalSession(model, script, EnergySpeech.Create(), RehearsalFaults.None, Cap, Seed);
        _session.Open(now, DateTimeOffset.UnixEpoch);
        Advance(now);
    }

    public override TimeSpan? NextDeadline => _deadline;

    public override void Send(TimeSpan now, ModelCommand command)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CommandWriter.Write(buffer, command);
        _session.Receive(now, buffer.WrittenMemory);
        Advance(now);
    }

    public override bool TryRead(out ModelEvent? read) => _events.TryDequeue(out read);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public override void Advance(TimeSpan now)
    {
        _deadline = _session.Advance(now);
        while (_session.TryTake(out var output))
        {
            switch (output)
            {
                case RehearsalOutput.Send(var utf8):
                    _events.Enqueue(_reader.Read(utf8));
                    break;
                case RehearsalOutput.Speak(var request, var text, _, _):
                    // Silence of the length that the words would take: a golden conversation listens to no sound.
                    _session.Spoken(now, request, new short[text.Length * SamplesPerLetter]);
                    break;
            }

            _deadline = _session.Advance(now);
        }
    }
}
