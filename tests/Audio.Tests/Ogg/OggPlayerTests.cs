using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Bridge.Audio.Codecs;
using Bridge.Audio.Ogg;

namespace Bridge.Audio.Tests.Ogg;

/// <summary>
/// Programs that nobody here wrote read the files: opusinfo (Debian's opus-tools) and ffmpeg. Skipped where they are not installed.
/// </summary>
public class OggPlayerTests(ITestOutputHelper output)
{
    private const int Seconds = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Opusinfo_finds_no_fault_and_the_right_length(bool stereo) => With(stereo, path =>
    {
        var said = Run("opusinfo", path);
        output.WriteLine(said);
        Assert.DoesNotContain("WARNING", said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("ERROR", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Playback length: 0m:07.9", said, StringComparison.Ordinal);
        Assert.Contains(stereo ? "Channels: 2" : "Channels: 1", said, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ffmpeg_hears_each_voice_when_it_spoke(bool stereo) => With(stereo, path =>
    {
        var left = Loud(path, "FL", stereo);
        Assert.Equal([1, 2, 5], left);
        if (stereo)
        {
            Assert.Equal([3, 6], Loud(path, "FR", stereo));
        }
    });

    // Seconds in which there is sound: their mean volume is that of a tone.
    private static List<int> Loud(string path, string channel, bool stereo) =>
    [
        .. Enumerable.Range(0, Seconds).Where(second =>
        {
            // Half a second in the middle: the encoder's start and end are elsewhere.
            var filter = (stereo ? $"pan=mono|c0={channel}," : "")
                + string.Create(CultureInfo.InvariantCulture, $"atrim={second + 0.3}:{second + 0.7},volumedetect");
            var said = Run("ffmpeg", "-hide_banner", "-i", path, "-af", filter, "-f", "null", "-");
            var mean = said[(said.IndexOf("mean_volume:", StringComparison.Ordinal) + 12)..];
            return double.Parse(mean[..mean.IndexOf("dB", StringComparison.Ordinal)], CultureInfo.InvariantCulture) > -40;
        }),
    ];

    private static void With(bool stereo, Action<string> look)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bridge-{Guid.NewGuid():n}.opus");
        try
        {
            using (var file = File.Create(path))
            {
                Write(file, stereo);
            }

            look(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Write(Stream file, bool stereo)
    {
        var both = new OggStereoWriter(stereo ? file : Stream.Null, 3, ["CALL=c"]);
        var mono = new OggOpusWriter(stereo ? Stream.Null : file, 3, ["TRACK=caller"]);
        var left = new OpusTrack(stereo ? both.Left : mono, mayLose: true);
        var right = new OpusTrack(both.Right, mayLose: false);
        using var codec = new OpusCodec();
        using var other = new OpusCodec();
        var tone = Signals.Tone(440, codec.SampleRate, codec.SampleRate * Seconds);
        var frame = codec.SampleRate / 50;
        var packet = new byte[1_275];
        for (var i = 0; i < Seconds * 50; i++)
        {
            var second = i / 50;
            var at = TimeSpan.FromMilliseconds(i * 20);
            var pcm = tone.AsSpan(i * frame, frame);
            var length = codec.Encode(second is 1 or 2 or 5 ? pcm : new short[frame], packet);

            // The fourth second did not come at all (DTX); of the others a few packets were lost.
            if (second != 4 && i % 29 != 0)
            {
                left.Take(at, 1, (uint)(i * 960), packet.AsSpan(0, length));
            }

            if (second is 3 or 6)
            {
                right.Take(at, 1, (uint)(i * 960), packet.AsSpan(0, other.Encode(pcm, packet)));
            }

            left.Advance(at);
            right.Advance(at);
        }

        left.Finish(TimeSpan.FromSeconds(Seconds));
        right.Finish(TimeSpan.FromSeconds(Seconds));
        both.Finish();
        mono.Finish();
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
            return said;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            return "";
        }
    }
}
