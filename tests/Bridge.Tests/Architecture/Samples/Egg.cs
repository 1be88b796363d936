using Bridge.Tests.Architecture.Samples.Farm;

namespace Bridge.Tests.Architecture.Samples;

/// <summary>One half of a cycle between two namespaces, by a method's body alone.</summary>
internal static class Egg
{
    public static object Hatch() => new Hen();
}
