using System.Runtime.InteropServices;

namespace Bridge.Native.Opus;

/// <summary>Which libopus this process has found.</summary>
internal static class OpusLibrary
{
    /// <summary>Reads the version string of the loaded library, such as <c>libopus 1.3.1</c>.</summary>
    /// <exception cref="NativeLibraryMissingException">libopus is not installed.</exception>
    public static string Version => Marshal.PtrToStringUTF8(OpusMethods.VersionString()) ?? "libopus";
}
