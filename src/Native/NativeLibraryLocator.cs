using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bridge.Native;

/// <summary>Finds the native libraries under the names and folders that the systems we know give them.</summary>
internal static class NativeLibraryLocator
{
#pragma warning disable CA2255 // The resolver has to be there before the first P/Invoke of this assembly, whichever that is.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLocator).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "opus")
        {
            return 0;
        }

        string[] candidates = OperatingSystem.IsWindows()
            ? ["opus.dll", "libopus-0.dll"]
            : OperatingSystem.IsMacOS()
                ? ["libopus.0.dylib", "/opt/homebrew/lib/libopus.0.dylib", "/usr/local/lib/libopus.0.dylib"]
                : ["libopus.so.0"];
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out nint handle))
            {
                return handle;
            }
        }

        throw new NativeLibraryMissingException(
            "libopus",
            OperatingSystem.IsMacOS() ? "brew install opus" : OperatingSystem.IsWindows() ? "vcpkg install opus" : "apt-get install libopus0");
    }
}
