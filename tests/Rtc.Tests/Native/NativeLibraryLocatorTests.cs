using System.Runtime.InteropServices;
using Bridge.Native;

namespace Bridge.Rtc.Tests.Native;

public sealed class NativeLibraryLocatorTests
{
    [Fact]
    public void Libraries_are_looked_for_beside_the_program_first_and_then_where_each_system_keeps_them()
    {
        IReadOnlyList<string> linux = NativeLibraryLocator.Candidates(NativeLibraryLocator.Ssl, OSPlatform.Linux, "/app");
        Assert.Equal(["/app/libssl.so.3", "libssl.so.3"], linux.Take(2));
        IReadOnlyList<string> mac = NativeLibraryLocator.Candidates(NativeLibraryLocator.Opus, OSPlatform.OSX, "/app");
        Assert.Equal("/app/libopus.0.dylib", mac[0]);
        Assert.Contains("/opt/homebrew/opt/opus/lib/libopus.0.dylib", mac);
        Assert.Contains("/usr/local/lib/libopus.dylib", mac);
        Assert.Contains(
            "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
            NativeLibraryLocator.Candidates(NativeLibraryLocator.Crypto, OSPlatform.OSX, "/app"));
        Assert.EndsWith(
            "libssl-3-x64.dll",
            NativeLibraryLocator.Candidates(NativeLibraryLocator.Ssl, OSPlatform.Windows, "/app")[0],
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("debian", "sudo apt-get install -y libopus0", "sudo apt-get install -y libssl3")]
    [InlineData("ubuntu", "sudo apt-get install -y libopus0", "sudo apt-get install -y libssl3")]
    [InlineData("alpine", "apk add opus", "apk add libssl3 libcrypto3")]
    [InlineData("fedora", "sudo dnf install opus", "sudo dnf install openssl-libs")]
    public void A_missing_library_comes_with_the_command_that_installs_it(string release, string opus, string ssl)
    {
        Assert.Equal(opus, NativeLibraryLocator.InstallCommand(NativeLibraryLocator.Opus, OSPlatform.Linux, release));
        Assert.Equal(ssl, NativeLibraryLocator.InstallCommand(NativeLibraryLocator.Ssl, OSPlatform.Linux, release));
        var missing = new NativeLibraryMissingException("libopus", opus);
        Assert.Contains(opus, missing.Message, StringComparison.Ordinal);
        Assert.Equal("brew install openssl@3", NativeLibraryLocator.InstallCommand(NativeLibraryLocator.Crypto, OSPlatform.OSX, ""));
    }

    [Fact]
    public void OpenSSL_is_found_on_this_machine() => NativeLibraryLocator.RequireOpenSsl();
}
