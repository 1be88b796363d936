using System.Reflection;
using Bridge.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Bridge.Hosting;

/// <summary>
/// The built page and the SDK. They are inside the assembly, so that the package needs no folder beside it; a host of its own takes the
/// folder wwwroot where there is one, which a rebuilt page changes at once.
/// </summary>
internal sealed class WebFiles : IFileProvider
{
    private const string Prefix = "wwwroot/";
    private static readonly Assembly Home = typeof(WebFiles).Assembly;

    private readonly Dictionary<string, Embedded> _files = Home.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => new Embedded(name, Length(name)))
        .ToDictionary(file => file.Resource[Prefix.Length..], StringComparer.Ordinal);

    private WebFiles()
    {
    }

    /// <summary>The folder wwwroot of a host of its own, else the files of the assembly.</summary>
    public static IFileProvider Find(IServiceProvider services)
    {
        var folder = Path.Combine(services.GetRequiredService<IWebHostEnvironment>().ContentRootPath, "wwwroot");
        return !services.GetRequiredService<BridgeMount>().InApplication && File.Exists(Path.Combine(folder, "index.html"))
            ? new PhysicalFileProvider(folder)
            : new WebFiles();
    }

    /// <inheritdoc/>
    public IFileInfo GetFileInfo(string subpath) =>
        _files.GetValueOrDefault(subpath.TrimStart('/')) ?? (IFileInfo)new NotFoundFileInfo(subpath);

    /// <inheritdoc/>
    public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

    /// <inheritdoc/>
    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    private static long Length(string resource)
    {
        using var stream = Home.GetManifestResourceStream(resource)!;
        return stream.Length;
    }

    /// <summary>One file of the assembly.</summary>
    private sealed record Embedded(string Resource, long Length) : IFileInfo
    {
        // In a program of a single file the assembly has no place of its own.
        private static readonly DateTimeOffset Built =
            File.GetLastWriteTimeUtc(Home.Location is { Length: > 0 } location ? location : Environment.ProcessPath!);

        public bool Exists => true;

        public string? PhysicalPath => null;

        public string Name => Path.GetFileName(Resource);

        public DateTimeOffset LastModified => Built;

        public bool IsDirectory => false;

        public Stream CreateReadStream() => Home.GetManifestResourceStream(Resource)!;
    }
}
