namespace Bridge.Audio.Resampling;

/// <summary>
/// One width of portable SIMD, as a type argument: the filters are written once and compiled for each width. A lane does
/// the same operations in the same order at every width, so all of them, the scalar one included, give the same bits.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal interface IVectorLanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(ref float source, int offset);

    static abstract void Store(TVector vector, ref float target, int offset);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>Replaces values that are no finite numbers within reason by 0.</summary>
    static abstract TVector Sane(TVector vector);

    /// <summary>Splits 2·Count floats into those at even and those at odd places.</summary>
    static abstract (TVector Even, TVector Odd) Split(ref float source, int offset);

    /// <summary>Stores 2·Count floats, alternating between the two.</summary>
    static abstract void StoreMerged(TVector even, TVector odd, ref float target, int offset);

    /// <summary>The product of two rows of a multiple of 16 floats, summed in 16 lanes that are then folded in halves.</summary>
    static abstract float Dot(ref float a, ref float b, int length);
}
