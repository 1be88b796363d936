using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bridge.Native;

/// <summary>
/// Finds the shared libraries behind this assembly's imports: beside the program, by the loader's own search, and in the usual places of
/// each system.
/// </summary>
internal static class NativeLibraryLocator
{
    internal const string Ssl = "ssl";
    internal const string Crypto = "crypto";
    internal const string Opus = "opus";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Loaded = [];

    /// <summary>Loads OpenSSL 3 (libssl and libcrypto).</summary>
    /// <exception cref="NativeLibraryMissingException">It is not installed.</exception>
    public static void RequireOpenSsl()
    {
        Load(Crypto);
        Load(Ssl);
    }

    /// <summary>Whether libopus is installed.</summary>
    public static bool HasOpus => TryLoad(Opus, out _);

    /// <summary>The command that installs libopus on this system.</summary>
    public static string OpusInstallCommand => InstallCommand(Opus, Current, ReleaseId());

    /// <summary>Loads libopus.</summary>
    /// <exception cref="NativeLibraryMissingException">It is not installed.</exception>
    public static void RequireOpus() => Load(Opus);

    /// <summary>The file names and paths tried for a library, in order.</summary>
    internal static IReadOnlyList<string> Candidates(string library, OSPlatform system, string programFolder)
    {
        string[] names = (library, system) switch
        {
            (Ssl, _) when system == OSPlatform.Windows => ["libssl-3-x64.dll", "libssl-3-arm64.dll", "libssl-3.dll"],
            (Crypto, _) when system == OSPlatform.Windows => ["libcrypto-3-x64.dll", "libcrypto-3-arm64.dll", "libcrypto-3.dll"],
            (Opus, _) when system == OSPlatform.Windows => ["opus.dll", "libopus-0.dll", "libopus.dll"],
            (Ssl, _) when system == OSPlatform.OSX => ["libssl.3.dylib"],
            (Crypto, _) when system == OSPlatform.OSX => ["libcrypto.3.dylib"],
            (Opus, _) when system == OSPlatform.OSX => ["libopus.0.dylib", "libopus.dylib"],
            (Ssl, _) => ["libssl.so.3"],
            (Crypto, _) => ["libcrypto.so.3"],
            (Opus, _) => ["libopus.so.0", "libopus.so"],
            _ => throw new ArgumentOutOfRangeException(nameof(library), library, "No such library."),
        };
        string[] folders = system == OSPlatform.OSX
            ? library == Opus
                ? ["/opt/homebrew/opt/opus/lib", "/usr/local/opt/opus/lib", "/opt/homebrew/lib", "/usr/local/lib"]
                : ["/opt/homebrew/opt/openssl@3/lib", "/usr/local/opt/openssl@3/lib", "/opt/homebrew/lib", "/usr/local/lib"]
            : system == OSPlatform.Windows ? [] : ["/usr/lib", "/usr/local/lib", "/lib"];

        var candidates = new List<string>();
        candidates.AddRange(names.Select(name => Path.Combine(programFolder, name)));
        candidates.AddRange(names);
        candidates.AddRange(from folder in folders from name in names select folder + "/" + name);
        return candidates;
    }

    /// <summary>The command that installs a library; <paramref name="releaseId"/> is ID of /etc/os-release.</summary>
    internal static string InstallCommand(string library, OSPlatform system, string releaseId)
    {
        bool opus = library == Opus;
        if (system == OSPlatform.OSX)
        {
            return opus ? "brew install opus" : "brew install openssl@3";
        }

        if (system == OSPlatform.Windows)
        {
            return opus ? "copy opus.dll beside the program" : "copy libssl-3-x64.dll and libcrypto-3-x64.dll beside the program";
        }

        return releaseId switch
        {
            "alpine" => opus ? "apk add opus" : "apk add libssl3 libcrypto3",
            "fedora" or "rhel" or "centos" or "rocky" or "almalinux" => opus ? "sudo dnf install opus" : "sudo dnf install openssl-libs",
            "arch" => opus ? "sudo pacman -S opus" : "sudo pacman -S openssl",
            _ => opus ? "sudo apt-get install -y libopus0" : "sudo apt-get install -y libssl3",
        };
    }

#pragma warning disable CA2255 // The resolver must be in place before the first import of this assembly runs, whoever makes it.
    [ModuleInitializer]
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLocator).Assembly, static (name, _, _) => Resolve(name));
#pragma warning restore CA2255

    private static OSPlatform Current =>
        OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux;

    private static nint Resolve(string name) => name is Ssl or Crypto or Opus ? Load(name) : 0;

    private static nint Load(string library)
    {
        if (TryLoad(library, out nint handle))
        {
            return handle;
        }

        string display = library switch { Ssl => "libssl (OpenSSL 3)", Crypto => "libcrypto (OpenSSL 3)", _ => "libopus" };
        throw new NativeLibraryMissingException(display, InstallCommand(library, Current, ReleaseId()));
    }

    private static bool TryLoad(string library, out nint handle)
    {
        lock (Gate)
        {
            if (Loaded.TryGetValue(library, out handle))
            {
                return true;
            }

            foreach (string candidate in Candidates(library, Current, AppContext.BaseDirectory))
            {
                if (NativeLibrary.TryLoad(candidate, out handle))
                {
                    Loaded.Add(library, handle);
                    return true;
                }
            }

            return false;
        }
    }

    private static string ReleaseId()
    {
        const string ReleaseFile = "/etc/os-release";
        if (!File.Exists(ReleaseFile))
        {
            return "";
        }

        string? line = File.ReadLines(ReleaseFile).FirstOrDefault(l => l.StartsWith("ID=", StringComparison.Ordinal));
        return line?[3..].Trim('"') ?? "";
    }
}
