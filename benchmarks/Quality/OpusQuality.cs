using Bridge.Audio.Codecs;
using Bridge.Audio.Resampling;


namespace Bridge.Benchmarks.Quality;

/// <summary>The two routes through Opus, its settings, and its answers to loss, on speech and on tones.</summary>
internal static class OpusQuality
{
    private const int MaxPacket = 1275;

    internal static void Write(TextWriter output)
    {
        (float[] speech48, string source) = SpeechSample.Load();
        float[] speech24 = Halve(speech48);
        output.WriteLine(
            $"Speech: {source}, {speech48.Length / 48000.0:F1} s. Segmental SNR in dB (higher is better), log-spectral distance in dB "
                + $"(lower is better).");
        output.WriteLine();
        Routes(output, speech48, speech24);
        Tones(output);
        Settings(output, speech24);
        Loss(output, speech24);
        Engines(output, speech24);
    }

    private static void Routes(TextWriter output, float[] speech48, float[] speech24)
    {
        output.WriteLine("### Routes: is 24 kHz better made inside libopus or by a resampler beside it?");
        output.WriteLine();
        output.WriteLine("| direction | route | seg. SNR | LSD | delay ms | cost µs/packet |");
        output.WriteLine("|---|---|---:|---:|---:|---:|");
        foreach (int bitrate in new[] { 24000, 32000, 64000 })
        {
            List<byte[]> packets = Encode(speech48, new OpusCodecOptions { SampleRate = 48000, Bitrate = bitrate });
            Row(output, $"up {bitrate / 1000} kbit/s", "decode at 24 kHz", speech24, Decode(packets, 24000));
            Row(output, $"up {bitrate / 1000} kbit/s", "decode at 48 kHz, resample", speech24, Halve(Decode(packets, 48000)));
            List<byte[]> direct = Encode(speech24, new OpusCodecOptions { SampleRate = 24000, Bitrate = bitrate });
            List<byte[]> detour = Encode(Double(speech24), new OpusCodecOptions { SampleRate = 48000, Bitrate = bitrate });
            Row(output, $"down {bitrate / 1000} kbit/s", "encode at 24 kHz", speech24, Halve(Decode(direct, 48000)));
            Row(output, $"down {bitrate / 1000} kbit/s", "resample, encode at 48 kHz", speech24, Halve(Decode(detour, 48000)));
        }

        output.WriteLine();
        RouteCosts(output, speech48, speech24);
    }

    private static void Row(TextWriter output, string direction, string route, float[] said, float[] heard)
    {
        SpeechDistance distance = SpeechDistance.Measure(said, heard, 24000, 600);
        output.WriteLine(
            $"| {direction} | {route} | {distance.SegmentalSnr:F2} | {distance.LogSpectralDistance:F2} | {distance.DelayMs:F2} | |");
    }

    private static void RouteCosts(TextWriter output, float[] speech48, float[] speech24)
    {
        using var near = new OpusCodec();
        using var far = new OpusCodec(new OpusCodecOptions { SampleRate = 48000 });
        List<byte[]> packets = Encode(speech48, new OpusCodecOptions { SampleRate = 48000 });
        short[] pcm24 = ToInt16(speech24);
        short[] room24 = new short[480];
        short[] room48 = new short[960];
        byte[] packet = new byte[MaxPacket];
        var down = new PolyphaseResampler(48000, 24000);
        var up = new PolyphaseResampler(24000, 48000);
        int[] at = new int[4];
        (double Median, double Low, double High)[] costs = Stopwatches.Compare(
            61,
            50,
            () => near.Decode(packets[at[0]++ % packets.Count], room24),
            () =>
            {
                far.Decode(packets[at[1]++ % packets.Count], room48);
                down.Process(room48, room24);
            },
            () => near.Encode(pcm24.AsSpan(at[2]++ % packets.Count * 480, 480), packet),
            () =>
            {
                up.Process(pcm24.AsSpan(at[3]++ % packets.Count * 480, 480), room48);
                far.Encode(room48, packet);
            });
        string[] names =
        [
            "up, decode at 24 kHz", "up, decode at 48 kHz, resample", "down, encode at 24 kHz", "down, resample, encode at 48 kHz",
        ];
        output.WriteLine("| route | cost per 20 ms, µs, median (25th-75th percentile) |");
        output.WriteLine("|---|---:|");
        for (int i = 0; i < names.Length; i++)
        {
            output.WriteLine($"| {names[i]} | {costs[i].Median:F1} ({costs[i].Low:F1}-{costs[i].High:F1}) |");
        }

        output.WriteLine();
    }

    /// <summary>Tones beyond 12 kHz have no place in the model's 24 kHz: what each route leaves of them, and of tones within.</summary>
    private static void Tones(TextWriter output)
    {
        output.WriteLine("### Tones through 64 kbit/s: level of what comes out at 24 kHz against what went in, dB");
        output.WriteLine();
        output.WriteLine("| tone Hz | decode at 24 kHz | decode at 48 kHz, resample |");
        output.WriteLine("|---:|---:|---:|");
        foreach (int tone in new[] { 300, 1000, 3000, 8000, 10500, 11500, 13000, 15000, 18000 })
        {
            float[] said = Spectrum.Sine(tone, 48000, 48000);
            List<byte[]> packets = Encode(
                said, new OpusCodecOptions { SampleRate = 48000, Bitrate = 64000, Application = OpusApplication.Audio });
            double near = Spectrum.Decibel(Spectrum.Rms(Decode(packets, 24000).AsSpan(6000)) / Spectrum.Rms(said));
            double far = Spectrum.Decibel(Spectrum.Rms(Halve(Decode(packets, 48000)).AsSpan(6000)) / Spectrum.Rms(said));
            output.WriteLine($"| {tone} | {near:F2} | {far:F2} |");
        }

        output.WriteLine();
    }

    private static void Settings(TextWriter output, float[] speech24)
    {
        output.WriteLine("### Encoder settings at 24 kHz: cost against quality at the same bit rate");
        output.WriteLine();
        output.WriteLine("| application | bit rate | FEC | complexity | seg. SNR | LSD | delay ms | kbit/s used | encode µs/packet |");
        output.WriteLine("|---|---:|---|---:|---:|---:|---:|---:|---:|");
        foreach (OpusApplication application in Enum.GetValues<OpusApplication>())
        {
            foreach (int bitrate in new[] { 24000, 32000, 48000 })
            {
                foreach (bool redundant in application == OpusApplication.RestrictedLowDelay ? [false] : new[] { true, false })
                {
                    foreach (int complexity in new[] { 0, 3, 5, 8, 10 })
                    {
                        var options = new OpusCodecOptions
                        {
                            Application = application, Bitrate = bitrate, Complexity = complexity, ForwardErrorCorrection = redundant,
                        };
                        long start = System.Diagnostics.Stopwatch.GetTimestamp();
                        List<byte[]> packets = Encode(speech24, options);
                        double cost = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds / packets.Count;
                        SpeechDistance distance = SpeechDistance.Measure(speech24, Halve(Decode(packets, 48000)), 24000, 600);
                        double used = packets.Sum(p => p.Length) * 8.0 / (packets.Count * 0.02) / 1000;
                        output.WriteLine(
                            $"| {application} | {bitrate / 1000} | {(redundant ? "5 %" : "off")} | {complexity} | "
                                + $"{distance.SegmentalSnr:F2} | {distance.LogSpectralDistance:F2} | {distance.DelayMs:F2} | {used:F1} | "
                                + $"{cost:F0} |");
                    }
                }
            }
        }

        output.WriteLine();
    }

    private static void Loss(TextWriter output, float[] speech24)
    {
        output.WriteLine("### Loss: silence in place of lost packets, concealment (PLC), redundancy and concealment (FEC). Seg. SNR / LSD");
        output.WriteLine();
        output.WriteLine(
            "| loss | VOIP 32k, silence | VOIP 32k, PLC | VOIP 32k, FEC | VOIP 48k, FEC | LOWDELAY 32k, PLC | LOWDELAY 48k, PLC |");
        output.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
        var plain = new OpusCodecOptions { Application = OpusApplication.Voip, Bitrate = 32000, ForwardErrorCorrection = false };
        var low = plain with { Application = OpusApplication.RestrictedLowDelay };
        foreach (int percent in new[] { 0, 1, 2, 5, 10, 20 })
        {
            OpusCodecOptions redundant = plain with { ForwardErrorCorrection = true, ExpectedLossPercent = Math.Max(5, percent) };
            SpeechDistance[] results =
            [
                Lossy(speech24, plain, percent, (_, _, room) => room.Clear()),
                Lossy(speech24, plain, percent, (codec, _, room) => codec.Conceal([], room)),
                Lossy(speech24, redundant, percent, (codec, next, room) => codec.Conceal(next, room)),
                Lossy(speech24, redundant with { Bitrate = 48000 }, percent, (codec, next, room) => codec.Conceal(next, room)),
                Lossy(speech24, low, percent, (codec, _, room) => codec.Conceal([], room)),
                Lossy(speech24, low with { Bitrate = 48000 }, percent, (codec, _, room) => codec.Conceal([], room)),
            ];
            output.WriteLine(
                $"| {percent} % | {string.Join(" | ", results.Select(r => $"{r.SegmentalSnr:F2} / {r.LogSpectralDistance:F2}"))} |");
        }

        output.WriteLine();
    }

    private static void Engines(TextWriter output, float[] speech24)
    {
        output.WriteLine(
            "### Engines: who encodes, who decodes, at 48 kbit/s and 24 kHz. Seg. SNR / LSD; loss is concealed, with VOIP also by "
                + "redundancy");
        output.WriteLine();
        output.WriteLine("| encoder, decoder | application | delay ms | 0 % | 2 % | 5 % | 10 % | 20 % |");
        output.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|");
        (string Name, Func<OpusCodecOptions?, IAudioCodec> Make)[] engines =
        [
            ("libopus", options => new OpusCodec(options)), ("Concentus", options => new ConcentusCodec(options)),
        ];
        foreach (OpusApplication application in new[] { OpusApplication.RestrictedLowDelay, OpusApplication.Voip })
        {
            foreach ((string encoder, Func<OpusCodecOptions?, IAudioCodec> makeEncoder) in engines)
            {
                foreach ((string decoder, Func<OpusCodecOptions?, IAudioCodec> makeDecoder) in engines)
                {
                    SpeechDistance[] results = [.. new[] { 0, 2, 5, 10, 20 }.Select(percent =>
                    {
                        var options = new OpusCodecOptions { Application = application, ExpectedLossPercent = Math.Max(5, percent) };
                        using IAudioCodec sender = makeEncoder(options);
                        return SpeechDistance.Measure(
                            speech24,
                            DecodeLossy(
                                makeDecoder(null), Encode(sender, speech24), percent, (codec, next, room) => codec.Conceal(next, room)),
                            24000,
                            600);
                    })];
                    output.WriteLine(
                        $"| {encoder}, {decoder} | {application} | {results[0].DelayMs:F2} | "
                            + $"{string.Join(" | ", results.Select(r => $"{r.SegmentalSnr:F2} / {r.LogSpectralDistance:F2}"))} |");
                }
            }
        }

        output.WriteLine();
    }

    private static SpeechDistance Lossy(float[] speech24, OpusCodecOptions options, int percent, Filler fill) =>
        SpeechDistance.Measure(speech24, DecodeLossy(new OpusCodec(), Encode(speech24, options), percent, fill), 24000, 600);

    private delegate void Filler(IAudioCodec codec, ReadOnlySpan<byte> next, Span<short> room);

    private static float[] DecodeLossy(IAudioCodec decoder, List<byte[]> packets, int percent, Filler fill)
    {
        using IAudioCodec codec = decoder;
        var random = new Random(4);
        bool[] lost = [.. packets.Select(_ => random.Next(100) < percent)];
        short[] pcm = new short[packets.Count * 480];
        for (int i = 0; i < packets.Count; i++)
        {
            Span<short> room = pcm.AsSpan(i * 480, 480);
            if (lost[i])
            {
                fill(codec, i + 1 < packets.Count && !lost[i + 1] ? packets[i + 1] : [], room);
            }
            else
            {
                codec.Decode(packets[i], room);
            }
        }

        return ToFloat(pcm);
    }

    private static List<byte[]> Encode(float[] samples, OpusCodecOptions options)
    {
        using var codec = new OpusCodec(options);
        return Encode(codec, samples);
    }

    private static List<byte[]> Encode(IAudioCodec codec, float[] samples)
    {
        short[] pcm = ToInt16(samples);
        int frame = codec.SampleRate / 50;
        byte[] packet = new byte[MaxPacket];
        List<byte[]> packets = [];
        for (int at = 0; at + frame <= pcm.Length; at += frame)
        {
            packets.Add(packet[..codec.Encode(pcm.AsSpan(at, frame), packet)]);
        }

        return packets;
    }

    private static float[] Decode(List<byte[]> packets, int rate)
    {
        using var codec = new OpusCodec(new OpusCodecOptions { SampleRate = rate });
        int frame = rate / 50;
        short[] pcm = new short[packets.Count * frame];
        for (int i = 0; i < packets.Count; i++)
        {
            codec.Decode(packets[i], pcm.AsSpan(i * frame, frame));
        }

        return ToFloat(pcm);
    }

    private static float[] Halve(float[] samples) => Resample(samples, 48000, 24000);

    private static float[] Double(float[] samples) => Resample(samples, 24000, 48000);

    private static float[] Resample(float[] samples, int from, int to)
    {
        var resampler = new PolyphaseResampler(from, to);
        float[] output = new float[resampler.OutputCount(samples.Length)];
        resampler.Process(samples, output);
        return output;
    }

    private static short[] ToInt16(float[] samples) =>
        [.. samples.Select(x => (short)Math.Clamp(MathF.Round(x * 32767), short.MinValue, short.MaxValue))];

    private static float[] ToFloat(short[] samples) => [.. samples.Select(x => x / 32767f)];
}
