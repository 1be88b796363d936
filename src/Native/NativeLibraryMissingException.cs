namespace Bridge.Native;

/// <summary>A native library that the process cannot do without is not installed.</summary>
/// <param name="library">The library, by its common name: <c>libopus</c>.</param>
/// <param name="installCommand">The command that installs it on this system.</param>
public sealed class NativeLibraryMissingException(string library, string installCommand)
    : Exception($"{library} is not installed. Install it with: {installCommand}")
{
    /// <summary>The library, by its common name.</summary>
    public string Library { get; } = library;

    /// <summary>The command that installs it on this system.</summary>
    public string InstallCommand { get; } = installCommand;
}
