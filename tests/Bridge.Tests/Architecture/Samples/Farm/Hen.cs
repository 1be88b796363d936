namespace Bridge.Tests.Architecture.Samples.Farm;

/// <summary>The other half of the cycle, by a lambda's body alone.</summary>
internal sealed class Hen
{
    public Func<object> Lay { get; } = static () => Egg.Hatch();
}
