using System.Runtime.InteropServices;

namespace Bridge.Native.Opus;

/// <summary>
/// One <c>OpusDecoder</c> of libopus: decoder state for one stream of packets. Not thread-safe; the caller is its one owner.
/// </summary>
internal sealed unsafe class OpusDecoderHandle : SafeHandle
{
    private readonly int _channels;
    private readonly byte[] _kept;

    private OpusDecoderHandle(nint handle, int channels)
        : base(0, ownsHandle: true)
    {
        _channels = channels;
        _kept = new byte[OpusMethods.DecoderSize(channels)];
        SetHandle(handle);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a decoder whose output is interleaved int16 at <paramref name="sampleRate"/>.</summary>
    /// <param name="sampleRate">Output rate in Hz: 8000, 12000, 16000, 24000 or 48000.</param>
    /// <param name="channels">1 or 2. A mono decoder mixes stereo packets down.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refused the rate or the channel count.</exception>
    /// <exception cref="NativeLibraryMissingException">libopus is not installed.</exception>
    public static OpusDecoderHandle Create(int sampleRate, int channels)
    {
        nint raw = OpusMethods.DecoderCreate(sampleRate, channels, out int error);
        return raw != 0 && error == 0
            ? new OpusDecoderHandle(raw, channels)
            : throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"libopus makes no such decoder (error {error}).");
    }

    /// <summary>
    /// Decodes one packet, or makes up what a missing one would have held.
    /// </summary>
    /// <param name="packet">An Opus packet (RFC 6716 §3). Empty: packet loss concealment for the length of <paramref name="pcm"/>.</param>
    /// <param name="pcm">
    /// Where the samples go. For concealment and FEC its length is the duration that is missing, a multiple of 2.5 ms.
    /// </param>
    /// <param name="forwardErrorCorrection">
    /// Decode the redundant copy of the packet <em>before</em> this one; what it does not cover is concealed.
    /// </param>
    /// <returns>Samples per channel written, or a negative libopus error (opus_defines.h).</returns>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm, bool forwardErrorCorrection)
    {
        fixed (byte* p = packet)
        {
            fixed (short* s = pcm)
            {
                return OpusMethods.Decode(
                    this, packet.IsEmpty ? null : p, packet.Length, s, pcm.Length / _channels, forwardErrorCorrection ? 1 : 0);
            }
        }
    }

    /// <summary>
    /// Keeps the state as it is now; what was kept before is dropped. libopus promises that its state may be copied as plain memory
    /// (opus.h).
    /// </summary>
    public void Keep() => Copy(restore: false);

    /// <summary>Returns the decoder to the state of the last <see cref="Keep"/>.</summary>
    public void Restore() => Copy(restore: true);

    /// <summary>Returns the decoder to the state it had when it was made.</summary>
    public void Reset() => _ = OpusMethods.VariadicOnStack
        ? OpusMethods.DecoderControlAppleArm64(this, OpusMethods.ResetState, 0, 0, 0, 0, 0, 0, 0)
        : OpusMethods.DecoderControl(this, OpusMethods.ResetState, 0);

    private void Copy(bool restore)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held); // or throws, when it was disposed
            var state = new Span<byte>((void*)handle, _kept.Length);
            (restore ? _kept : state).CopyTo(restore ? state : _kept);
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OpusMethods.DecoderDestroy(handle);
        return true;
    }
}
