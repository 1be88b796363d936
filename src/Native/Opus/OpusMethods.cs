using System.Runtime.InteropServices;

namespace Bridge.Native.Opus;

/// <summary>Entry points of libopus 1.x (opus.h, opus_defines.h). Everything else goes through the handles.</summary>
internal static unsafe partial class OpusMethods
{
    internal const string Library = "opus";

    internal const int ResetState = 4028;

    [LibraryImport(Library, EntryPoint = "opus_decoder_create")]
    internal static partial nint DecoderCreate(int sampleRate, int channels, out int error);

    [LibraryImport(Library, EntryPoint = "opus_decoder_get_size")]
    internal static partial int DecoderSize(int channels);

    [LibraryImport(Library, EntryPoint = "opus_decoder_destroy")]
    internal static partial void DecoderDestroy(nint decoder);

    [LibraryImport(Library, EntryPoint = "opus_decode")]
    internal static partial int Decode(OpusDecoderHandle decoder, byte* packet, int length, short* pcm, int frameSize, int fec);

    [LibraryImport(Library, EntryPoint = "opus_encoder_create")]
    internal static partial nint EncoderCreate(int sampleRate, int channels, int application, out int error);

    [LibraryImport(Library, EntryPoint = "opus_encoder_destroy")]
    internal static partial void EncoderDestroy(nint encoder);

    [LibraryImport(Library, EntryPoint = "opus_encode")]
    internal static partial int Encode(OpusEncoderHandle encoder, short* pcm, int frameSize, byte* packet, int capacity);

    // The two ctl functions are variadic in C. On x64 and on Linux arm64 a variadic int is passed like a named one.
    [LibraryImport(Library, EntryPoint = "opus_encoder_ctl")]
    internal static partial int EncoderControl(OpusEncoderHandle encoder, int request, nint value);

    [LibraryImport(Library, EntryPoint = "opus_decoder_ctl")]
    internal static partial int DecoderControl(OpusDecoderHandle decoder, int request, nint value);

    // Apple's arm64 ABI passes variadic arguments on the stack, never in registers: six fillers take the six
    // registers that are left, so that the value lands where the callee looks for it.
    [LibraryImport(Library, EntryPoint = "opus_encoder_ctl")]
    internal static partial int EncoderControlAppleArm64(
        OpusEncoderHandle encoder, int request, nint a, nint b, nint c, nint d, nint e, nint f, nint value);

    [LibraryImport(Library, EntryPoint = "opus_decoder_ctl")]
    internal static partial int DecoderControlAppleArm64(
        OpusDecoderHandle decoder, int request, nint a, nint b, nint c, nint d, nint e, nint f, nint value);

    [LibraryImport(Library, EntryPoint = "opus_get_version_string")]
    internal static partial nint VersionString();

    internal static readonly bool VariadicOnStack =
        OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}
