using Bridge.Audio.Codecs;
using Bridge.Audio.Levels;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>Speech, what may become of its packets on the way, and what the uplink makes of them.</summary>
internal static class GuardScript
{
    /// <summary>Sudden and uneven speech, at a rate in Hz.</summary>
    internal static IEnumerable<(string Name, short[] Sound)> Utterances(int rate)
    {
        short[] voice = Signals.Speech(rate, 6);
        short[] loud = [.. voice.Select(x => (short)Math.Clamp(x * 32767 / 12000, short.MinValue, short.MaxValue))];
        yield return ("voice", voice);
        yield return ("shouting", loud);
        yield return ("shouting into clipping", [.. voice.Select(x => (short)Math.Clamp(x * 8, short.MinValue, short.MaxValue))]);
        yield return ("whispers after shouting", [.. loud.Take(rate * 3), .. Hiss(rate * 3, 80, 1), .. loud.Take(rate)]);

        // Each onset falls elsewhere in its packet.
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            List<short> onsets = [.. voice.Take(rate)];
            List<short> plosives = [.. voice.Take(rate)];
            while (onsets.Count < rate * 10)
            {
                int at = random.Next(rate / 4);
                onsets.AddRange(new short[random.Next(rate / 2)]);
                onsets.AddRange(loud.Skip(at + (rate / 20)).Take(rate / 8));
                plosives.AddRange(Hiss(random.Next(rate / 4), 30, seed));
                plosives.AddRange(Hiss(random.Next(rate / 1000, rate / 50), random.Next(8000, 32767), seed)); // 1 to 20 ms
                plosives.AddRange(voice.Skip(at).Take(rate / 10));
            }

            yield return ($"onsets, seed {seed}", [.. onsets]);
            yield return ($"plosives, seed {seed}", [.. plosives]);
        }
    }

    internal static short[] Hiss(int count, int amplitude, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (short)random.Next(-amplitude, amplitude + 1))];
    }

    /// <summary>
    /// Damages packets at random: flips some of their bits, cuts them short, puts another packet's payload or noise in their
    /// place, the noise with their own first byte or another. The levels that their sender announced stay.
    /// </summary>
    /// <param name="packets">A stream.</param>
    /// <param name="seed">Names the damage.</param>
    /// <param name="share">Of the packets, 0 to 1.</param>
    /// <param name="from">The first that may be hit.</param>
    internal static (byte[] Payload, byte Level)[] Damage((byte[] Payload, byte Level)[] packets, int seed, double share, int from = 0)
    {
        var random = new Random(seed);
        return [.. packets.Select((packet, i) =>
        {
            byte[] payload = [.. packet.Payload];
            return i < from || payload.Length < 2 || random.NextDouble() > share ? (payload, packet.Level) : (Spoil(payload), packet.Level);
        })];

        byte[] Spoil(byte[] payload)
        {
            int kind = random.Next(5);
            switch (kind)
            {
                case 0:
                    for (int flips = random.Next(1, 5); flips > 0; flips--)
                    {
                        payload[random.Next(payload.Length)] ^= (byte)(1 << random.Next(8));
                    }

                    return payload;
                case 1:
                    return payload[..random.Next(1, payload.Length)];
                case 2:
                    return [.. packets[random.Next(packets.Length)].Payload];
                default:
                    byte[] noise = new byte[random.Next(3, 200)];
                    random.NextBytes(noise);
                    noise[0] = kind == 3 ? payload[0] : noise[0];
                    return noise;
            }
        }
    }

    /// <summary>Lines of espeak-ng, 48 kHz; none where it is not installed.</summary>
    internal static IEnumerable<(string Name, short[] Sound)> SpokenLines()
    {
        const string Line =
            "The quick brown fox jumps over the lazy dog. Stop! She sells sea shells by the sea shore. "
            + "How much is it? Sixty six euros and fifteen cents. Please whisk three eggs with a pinch of salt, then fold in the flour.";
        foreach ((string voice, int speed) in new[] { ("en-us", 150), ("de+f3", 130), ("fr+m4", 200) })
        {
            if (Espeak.Speak(voice, speed, Line) is { } line)
            {
                yield return ($"{voice}, {speed} words a minute", line);
            }
        }
    }

    internal static (byte[] Payload, byte Level)[] Encode(OpusCodecOptions options, short[] sound)
    {
        using var codec = new OpusCodec(options);
        List<byte[]> payloads = OpusCodecTests.Encode(codec, sound);
        int frame = options.SampleRate / 50;
        return [.. payloads.Select((payload, i) => (payload, (byte)Math.Round(-LevelMeter.Measure(sound.AsSpan(i * frame, frame)))))];
    }

    internal static (short[] Heard, AudioUplinkStats Stats) Play(
        (byte[] Payload, byte Level)[] packets,
        Func<int, byte, byte?> announce,
        Func<int, bool>? lost = null,
        OpusEngine engine = OpusEngine.LibOpus)
    {
        using IAudioCodec codec = engine.Make();
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        for (int i = 0, sequence = 0; i < packets.Length; i++)
        {
            if (packets[i].Payload.Length == 0)
            {
                continue; // DTX: nothing to send
            }

            if (lost?.Invoke(i) != true)
            {
                call.Send(Ms(i * 20), sequence, i * 960, packets[i].Payload, level: announce(i, packets[i].Level));
            }

            sequence++;
        }

        call.RunUntil(Ms(packets.Length * 20));
        return ([.. call.Heard], uplink.Stats);
    }

    /// <summary>The packets as the decoder alone decodes them; nothing of those that it refuses.</summary>
    internal static short[] Decode((byte[] Payload, byte Level)[] packets)
    {
        using var codec = new OpusCodec();
        short[] room = new short[AudioUplink.MaxPull];
        List<short> heard = [];
        foreach ((byte[] payload, _) in packets)
        {
            heard.AddRange(room.AsSpan(0, Math.Max(0, codec.Decode(payload, room))));
        }

        return [.. heard];
    }
}
