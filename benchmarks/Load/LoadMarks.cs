using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// The notes of one session of the load model: which caller it is, when a tone came in, when an answer's first audio went out.
/// </summary>
internal sealed class LoadMarks
{
    /// <summary>Precedes the caller's number in what its page writes.</summary>
    internal const string Name = "caller number ";

    private readonly Lock _gate = new();
    private readonly short[] _pcm = new short[4800];
    private List<long> _heard = [];
    private List<long> _spoke = [];
    private int _caller = -1;
    private bool _tone;
    private bool _speaking;

    private static ReadOnlySpan<byte> Append => "{\"type\":\"input_audio_buffer.append\",\"audio\":\""u8;

    /// <summary>The notes since the last time.</summary>
    internal Taken Take()
    {
        lock (_gate)
        {
            Taken taken = new(_caller, _heard, _spoke);
            _heard = [];
            _spoke = [];
            return taken;
        }
    }

    /// <summary>One whole message of the host.</summary>
    internal void Received(ReadOnlySpan<byte> message)
    {
        long now = Stopwatch.GetTimestamp();
        if (!message.StartsWith(Append))
        {
            Identify(message);
            return;
        }

        message = message[Append.Length..];
        Span<byte> bytes = MemoryMarshal.AsBytes(_pcm.AsSpan());
        _ = Base64.DecodeFromUtf8(message[..message.IndexOf((byte)'"')], bytes, out _, out int length);
        bool tone = Microphone.HasTone(_pcm.AsSpan(0, length / sizeof(short)));
        if (tone && !_tone)
        {
            lock (_gate)
            {
                _heard.Add(now);
            }
        }

        _tone = tone;
    }

    /// <summary>One message to the host, about to be sent.</summary>
    internal void Sending(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> head = message[..Math.Min(message.Length, 256)];
        if (head.IndexOf("\"response.created\""u8) >= 0)
        {
            _speaking = false;
        }
        else if (!_speaking && head.IndexOf("\"response.output_audio.delta\""u8) >= 0)
        {
            _speaking = true;
            lock (_gate)
            {
                _spoke.Add(Stopwatch.GetTimestamp());
            }
        }
    }

    private void Identify(ReadOnlySpan<byte> message)
    {
        int at = message.IndexOf(Encoding.ASCII.GetBytes(Name));
        if (at < 0)
        {
            return;
        }

        ReadOnlySpan<byte> digits = message[(at + Name.Length)..];
        lock (_gate)
        {
            _caller = int.Parse(digits[..digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9')], CultureInfo.InvariantCulture);
        }
    }

    /// <param name="Caller">Number of the caller; -1 while unknown.</param>
    /// <param name="Heard">When its tones came in.</param>
    /// <param name="Spoke">When the first audio of answers went out.</param>
    internal sealed record Taken(int Caller, IReadOnlyList<long> Heard, IReadOnlyList<long> Spoke);
}
