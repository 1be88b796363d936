using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Bridge.Rehearsal;

/// <summary>
/// The voice of espeak-ng, one process per line: text on stdin (never on the command line), WAV on stdout.
/// </summary>
public sealed class EspeakVoice
{
    private const int TargetRate = 24_000;
    private const int WordsPerMinute = 165;
    private readonly string _program;
    private readonly string _language;
    private readonly SpeechResampler _resampler;

    /// <summary>Creates the voice without looking whether the program is there; see <see cref="TryCreate"/>.</summary>
    /// <param name="program">Path of espeak-ng.</param>
    /// <param name="language">espeak-ng voice name, e.g. <c>en-us</c>.</param>
    /// <param name="resampler">Brings espeak's 22.05 kHz to 24 kHz.</param>
    public EspeakVoice(string program, string language, SpeechResampler resampler)
    {
        _program = program;
        _language = language;
        _resampler = resampler;
    }

    /// <summary>The voice when <c>espeak-ng</c> is on the PATH, else null.</summary>
    /// <param name="language">espeak-ng voice name, e.g. <c>en-us</c>.</param>
    /// <param name="resampler">Brings espeak's 22.05 kHz to 24 kHz.</param>
    public static EspeakVoice? TryCreate(string language, SpeechResampler resampler)
    {
        var name = OperatingSystem.IsWindows() ? "espeak-ng.exe" : "espeak-ng";
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var path = Path.Combine(folder, name);
            if (folder.Length > 0 && File.Exists(path))
            {
                return new EspeakVoice(path, language, resampler);
            }
        }

        return null;
    }

    /// <summary>
    /// Speaks <paramref name="text"/>. The Realtime voice names pick espeak variants and pitches, so that they differ.
    /// </summary>
    /// <exception cref="InvalidOperationException">The program could not be started, failed, or gave no WAV.</exception>
    public async ValueTask<ReadOnlyMemory<short>> SpeakAsync(
        string text, string voice, double speed, CancellationToken cancellationToken)
    {
        var (variant, pitch) = Timbre(voice);
        var start = new ProcessStartInfo(_program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "--stdin", "--stdout", "-b", "1", "-v", $"{_language}+{variant}", "-p", pitch,
            "-s", ((int)(WordsPerMinute * Math.Clamp(speed, 0.25, 1.5))).ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Start(start);
        try
        {
            using var wav = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(wav, cancellationToken);
            var complaint = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
            await reading.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (!TryReadWav(wav.GetBuffer().AsSpan(0, (int)wav.Length), out var pcm, out var rate))
            {
                throw new InvalidOperationException(
                    $"espeak-ng ended with {process.ExitCode} and no WAV: {await complaint.ConfigureAwait(false)}");
            }

            return rate == TargetRate ? pcm : _resampler(pcm, rate, TargetRate);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("espeak-ng did not start.");
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("espeak-ng could not be started.", exception);
        }
    }

    private static (string Variant, string Pitch) Timbre(string voice) => voice switch
    {
        "alloy" => ("f2", "45"),
        "ash" => ("m3", "40"),
        "ballad" => ("m1", "55"),
        "coral" => ("f4", "60"),
        "echo" => ("m2", "35"),
        "sage" => ("f3", "50"),
        "shimmer" => ("f1", "65"),
        "verse" => ("m4", "45"),
        "cedar" => ("m7", "38"),
        _ => ("f5", "50"),
    };

    // RIFF/WAVE, 16-bit mono. espeak-ng writes to a pipe and cannot go back: its sizes are too large, so the data
    // chunk ends where the bytes do.
    internal static bool TryReadWav(ReadOnlySpan<byte> wav, out short[] pcm, out int rate)
    {
        pcm = [];
        rate = 0;
        if (wav.Length < 12 || !wav[..4].SequenceEqual("RIFF"u8) || !wav[8..12].SequenceEqual("WAVE"u8))
        {
            return false;
        }

        for (var at = 12; at + 8 <= wav.Length;)
        {
            var name = wav.Slice(at, 4);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(wav[(at + 4)..]);
            var body = wav[(at + 8)..];
            if (name.SequenceEqual("fmt "u8))
            {
                if (body.Length < 16 || BinaryPrimitives.ReadUInt16LittleEndian(body[2..]) != 1
                    || BinaryPrimitives.ReadUInt16LittleEndian(body[14..]) != 16)
                {
                    return false;
                }

                rate = (int)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
            }
            else if (name.SequenceEqual("data"u8))
            {
                pcm = new short[(int)(Math.Min(size, body.Length) / 2)];
                for (var i = 0; i < pcm.Length; i++)
                {
                    pcm[i] = BinaryPrimitives.ReadInt16LittleEndian(body[(2 * i)..]);
                }

                return rate is >= 8_000 and <= 192_000;
            }

            if (size + 8 > wav.Length - at)
            {
                return false;
            }

            at += 8 + (int)((size + 1) & ~1L);
        }

        return false;
    }
}
