using System.Runtime.InteropServices;

namespace Bridge.Native.Opus;

/// <summary>
/// One <c>OpusEncoder</c> of libopus: encoder state for one stream of packets. Not thread-safe; the caller is its one owner.
/// </summary>
internal sealed unsafe class OpusEncoderHandle : SafeHandle
{
    private readonly int _channels;

    private OpusEncoderHandle(nint handle, int channels)
        : base(0, ownsHandle: true)
    {
        _channels = channels;
        SetHandle(handle);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes an encoder whose input is interleaved int16 at <paramref name="sampleRate"/>.</summary>
    /// <param name="sampleRate">Input rate in Hz: 8000, 12000, 16000, 24000 or 48000.</param>
    /// <param name="channels">1 or 2.</param>
    /// <param name="application">OPUS_APPLICATION_*: 2048 VOIP, 2049 AUDIO, 2051 RESTRICTED_LOWDELAY.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refused one of the three.</exception>
    /// <exception cref="NativeLibraryMissingException">libopus is not installed.</exception>
    public static OpusEncoderHandle Create(int sampleRate, int channels, int application)
    {
        nint raw = OpusMethods.EncoderCreate(sampleRate, channels, application, out int error);
        return raw != 0 && error == 0
            ? new OpusEncoderHandle(raw, channels)
            : throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"libopus makes no such encoder (error {error}).");
    }

    /// <summary>Encodes one frame.</summary>
    /// <param name="pcm">2.5, 5, 10, 20, 40 or 60 ms of samples.</param>
    /// <param name="packet">Where the packet goes; its length is the most the encoder may use.</param>
    /// <returns>Bytes written (2 or fewer: DTX, the packet need not be sent), or a negative libopus error.</returns>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        fixed (short* s = pcm)
        {
            fixed (byte* p = packet)
            {
                return OpusMethods.Encode(this, s, pcm.Length / _channels, p, packet.Length);
            }
        }
    }

    /// <summary>Sets one encoder setting.</summary>
    /// <param name="setting">Which one.</param>
    /// <param name="value">Its value, in the unit of the setting.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refused the value.</exception>
    public void Set(OpusSetting setting, int value)
    {
        int result = Control((int)setting, value);
        if (result != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"libopus refuses {setting} {value} (error {result}).");
        }
    }

    /// <summary>Reads how many samples per channel the output lags behind the input (OPUS_GET_LOOKAHEAD).</summary>
    public int Lookahead
    {
        get
        {
            int value = 0;
            int result = Control(4027, (nint)(&value));
            return result == 0 ? value : throw new InvalidOperationException($"libopus does not report its lookahead (error {result}).");
        }
    }

    /// <summary>Returns the encoder to the state it had when it was made; the settings stay.</summary>
    public void Reset() => _ = Control(OpusMethods.ResetState, 0);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OpusMethods.EncoderDestroy(handle);
        return true;
    }

    private int Control(int request, nint value) => OpusMethods.VariadicOnStack
        ? OpusMethods.EncoderControlAppleArm64(this, request, 0, 0, 0, 0, 0, 0, value)
        : OpusMethods.EncoderControl(this, request, value);
}
