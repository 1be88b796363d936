using System.Runtime.Intrinsics;

namespace Bridge.Audio.Resampling;

/// <summary>How wide the filters compute.</summary>
internal enum VectorWidth
{
    /// <summary>One float at a time.</summary>
    Scalar = 1,

    /// <summary>128 bits.</summary>
    Four = 4,

    /// <summary>256 bits.</summary>
    Eight = 8,

    /// <summary>512 bits.</summary>
    Sixteen = 16,
}

/// <summary>The width of this machine.</summary>
internal static class VectorWidths
{
    /// <summary>The widest that the hardware has.</summary>
    internal static VectorWidth Best =>
        Vector512.IsHardwareAccelerated ? VectorWidth.Sixteen
        : Vector256.IsHardwareAccelerated ? VectorWidth.Eight
        : Vector128.IsHardwareAccelerated ? VectorWidth.Four
        : VectorWidth.Scalar;
}
