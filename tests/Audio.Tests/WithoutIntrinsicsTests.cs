using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Bridge.Audio.Resampling;

namespace Bridge.Audio.Tests;

/// <summary>
/// The filters again on a machine without vectors: this same test program, started with the runtime's intrinsics switched off.
/// </summary>
public sealed class WithoutIntrinsicsTests
{
    private const string ExpectedBits = "BRIDGE_EXPECTED_BITS";

    [Fact]
    public void With_hardware_intrinsics_off_every_ratio_gives_the_same_bits()
    {
        string program = Path.ChangeExtension(typeof(WithoutIntrinsicsTests).Assembly.Location, OperatingSystem.IsWindows() ? "exe" : null);
        string[] classes = [nameof(WithoutIntrinsicsTests), nameof(LevelMeterTests), nameof(ResamplerQualityTests)];
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        foreach (string name in classes)
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add($"{typeof(WithoutIntrinsicsTests).Namespace}.{name}");
        }

        if (Environment.GetEnvironmentVariable(ExpectedBits) is { } expected)
        {
            // This is the child.
            Assert.False(Vector128.IsHardwareAccelerated);
            Assert.Equal(VectorWidth.Scalar, VectorWidths.Best);
            Assert.Equal(expected, Bits());
            return;
        }

        start.Environment["DOTNET_EnableHWIntrinsic"] = "0";
        start.Environment[ExpectedBits] = Bits();
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, output);
    }

    /// <summary>A digest of what every pair of rates makes of the same noise, float and int16.</summary>
    private static string Bits()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        float[] input = ResamplerStreamTests.Noise(77, 2000);
        short[] shorts = [.. input.Select(x => (short)(x * 40000))];
        foreach (int from in PolyphaseResampler.SupportedRates)
        {
            foreach (int to in PolyphaseResampler.SupportedRates)
            {
                float[] output = ResamplerStreamTests.Run(new PolyphaseResampler(from, to), input, [1, 2, 3, 50, 333]);
                digest.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(output.AsSpan()));
                var resampler = new PolyphaseResampler(from, to);
                short[] whole = new short[resampler.OutputCount(shorts.Length)];
                resampler.Process(shorts, whole);
                digest.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(whole.AsSpan()));
            }
        }

        return Convert.ToHexString(digest.GetHashAndReset());
    }
}
