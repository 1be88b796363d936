namespace Bridge.Tests;

/// <summary>Nothing that a test starts can write between the results of the test program.</summary>
public sealed class StandardOutputTests
{
    [Fact]
    public void A_program_that_a_test_starts_inherits_standard_error_twice()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are read from /proc.");

        Assert.Equal(new FileInfo("/proc/self/fd/2").LinkTarget, new FileInfo("/proc/self/fd/1").LinkTarget);
    }
}
