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

    /// <summary>From a packet on, by default after two seconds: one packet in five with flipped bits, one in five noise.</summary>
    internal static (byte[] Payload, byte Level)[] Spoil((byte[] Payload, byte Level)[] packets, int seed, int from = 100)
    {
        var random = new Random(seed);
        return [.. packets.Select((packet, i) =>
        {
            byte[] payload = [.. packet.Payload];
            if (i >= from && i % 5 == 0)
            {
                for (int flips = random.Next(1, 5); flips > 0; flips--)
                {
                    payload[random.Next(payload.Length)] ^= (byte)(1 << random.Next(8));
                }
            }
            else if (i >= from && i % 5 == 2)
            {
                byte toc = payload[0];
                payload = new byte[random.Next(3, 200)];
                random.NextBytes(payload);
                payload[0] = random.Next(2) == 0 ? toc : (byte)(payload[0] & 0xFC);
            }

            return (payload, packet.Level);
        })];
    }

    internal static (byte[] Payload, byte Level)[] Encode(OpusCodecOptions options, short[] sound)
    {
        using var codec = new OpusCodec(options);
        List<byte[]> payloads = OpusCodecTests.Encode(codec, sound);
        int frame = options.SampleRate / 50;
        return [.. payloads.Select((payload, i) => (payload, (byte)Math.Round(-LevelMeter.Measure(sound.AsSpan(i * frame, frame)))))];
    }

    internal static (short[] Heard, AudioUplinkStats Stats) Play((byte[] Payload, byte Level)[] packets, Func<int, byte, byte?> announce)
    {
        using var codec = new OpusCodec();
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        for (int i = 0, sequence = 0; i < packets.Length; i++)
        {
            if (packets[i].Payload.Length > 0)
            {
                call.Send(Ms(i * 20), sequence++, i * 960, packets[i].Payload, level: announce(i, packets[i].Level));
            }
        }

        call.RunUntil(Ms(packets.Length * 20));
        return ([.. call.Heard], uplink.Stats);
    }

    /// <summary>What the decoder alone makes of the packets; nothing of those that it refuses.</summary>
    internal static short[] Decode((byte[] Payload, byte Level)[] packets)
    {
        using var codec = new OpusCodec();
        short[] room = new short[AudioUplink.LongestPull];
        List<short> heard = [];
        foreach ((byte[] payload, _) in packets)
        {
            heard.AddRange(room.AsSpan(0, Math.Max(0, codec.Decode(payload, room))));
        }

        return [.. heard];
    }
}
