namespace Bridge.Fuzz;

/// <summary>One parser, or one state machine behind a parser, with inputs to begin from.</summary>
internal abstract class FuzzTarget
{
    public abstract string Name { get; }

    /// <summary>Inputs longer than this are cut.</summary>
    public virtual int LongestInput => 2048;

    /// <summary>Bytes one input may allocate: a parser that allocates more by its input is a defect.</summary>
    public virtual long AllocationLimit => 256 * 1024;

    /// <summary>How many inputs a short run tries; dear targets try fewer.</summary>
    public virtual int ShortRun => 20_000;

    /// <summary>Valid inputs.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>
    /// Feeds one input. Throws when the parser throws or a property is broken. The result names what happened
    /// (which path, which outcome): an input with a new one joins the corpus, which is how the search gets deeper.
    /// </summary>
    public abstract int Run(ReadOnlySpan<byte> input);

    /// <summary>Fails the run with a sentence.</summary>
    protected static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
