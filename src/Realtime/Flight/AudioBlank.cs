using System.Buffers;

namespace Bridge.Realtime.Flight;

/// <summary>
/// Stands for a piece of the model's audio whose samples were not kept: as long as it was, and known again in the commands.
/// Every one reads as silence; none holds memory of its own.
/// </summary>
internal sealed class AudioBlank : MemoryManager<byte>
{
    /// <summary>Bytes of the longest piece: what a service may send in one event.</summary>
    public const int MaxLength = 16 << 20;

    private static readonly Lazy<byte[]> Silence = new(() => new byte[MaxLength]);
    private readonly int _length;

    public AudioBlank(int number, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaxLength, nameof(length));
        (Number, _length) = (number, length);
    }

    /// <summary>Which piece of the call, from 0.</summary>
    public int Number { get; }

    /// <inheritdoc/>
    public override Memory<byte> Memory => CreateMemory(_length);

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Silence.Value.AsSpan(0, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) =>
        throw new NotSupportedException("No native code reads audio that was not kept.");

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) { }
}
