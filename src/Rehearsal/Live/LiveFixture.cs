using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>A recording that the client has the session play: PCM16 at 24 kHz, one at a time. Input is dropped meanwhile.</summary>
internal sealed class LiveFixture(LiveEvents events)
{
    private const int MaxSeconds = 30;
    private short[]? _pcm;
    private int _at;
    private string? _clientEventId;

    public bool Plays => _pcm is not null;

    /// <summary>Begins to play the audio of a checked command.</summary>
    public ServiceError? Play(JsonElement command, string? clientEventId)
    {
        if (Plays)
        {
            return LiveErrors.FixtureActive();
        }

        if (LiveAudio.Read(Encoding.UTF8.GetBytes(command.GetProperty("audio").GetString()!), pcm: true, out var bytes) is { } error)
        {
            return error;
        }

        if (bytes.Length > MaxSeconds * 48_000)
        {
            return LiveErrors.AudioTooLong(MaxSeconds);
        }

        _pcm = MemoryMarshal.Cast<byte, short>(bytes).ToArray();
        _at = 0;
        _clientEventId = clientEventId;
        events.Answer("session.output_audio.fixture.playing"u8, clientEventId);
        return null;
    }

    /// <summary>Puts the next 100 ms into <paramref name="frame"/>.</summary>
    public void Take(Span<short> frame)
    {
        var left = _pcm.AsSpan(_at);
        var taken = left[..Math.Min(left.Length, frame.Length)];
        taken.CopyTo(frame);
        _at += taken.Length;
    }

    /// <summary>Says that all of it was put out, once it was.</summary>
    public void End()
    {
        if (_pcm is not null && _at == _pcm.Length)
        {
            _pcm = null;
            events.Answer("session.output_audio.fixture.played"u8, _clientEventId);
        }
    }
}
