namespace Bridge.Tests.Calls;

/// <summary>Something happens just when a call that was asked for looks at the clock, before it is in any list.</summary>
internal sealed class DeedAtFirstLook(Action deed) : TimeProvider
{
    public bool Done { get; private set; }

    public override DateTimeOffset GetUtcNow()
    {
        if (!Done)
        {
            Done = true;
            deed();
        }

        return base.GetUtcNow();
    }
}
