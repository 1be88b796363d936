using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bridge.Configuration;
using Bridge.Rehearsal.Hosting;

namespace Bridge.Hosting;

/// <summary>
/// A certificate of this machine's own, for its names and addresses (RFC 5280 §4.2.1.6), signed by nobody else: a browser asks once
/// whether it may go on. It is kept in the data folder (<c>https.pem</c>, certificate and key), so that it asks once only.
/// </summary>
internal static class LocalCertificate
{
    /// <summary>Its file in the data folder; its user alone may read it.</summary>
    public const string FileName = "https.pem";

    // The longest life that browsers take from authorities today; there is no reason for more.
    private static readonly TimeSpan Life = TimeSpan.FromDays(397);
    private static readonly TimeSpan LeastLeft = TimeSpan.FromDays(30);

    /// <summary>
    /// The certificate in the folder, or a new one when there is none, it ends within 30 days, or names and addresses are others.
    /// </summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="names">DNS names.</param>
    /// <param name="addresses">IP addresses.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="HostStartException">The file can't be written.</exception>
    public static X509Certificate2 Obtain(
        string folder, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        var file = Path.Combine(Path.GetFullPath(folder), FileName);
        if (TryRead(file, out var kept))
        {
            if (kept!.NotBefore <= now.UtcDateTime && kept.NotAfter >= (now + LeastLeft).UtcDateTime && IsFor(kept, names, addresses))
            {
                return kept;
            }

            kept.Dispose();
        }

        var made = SelfSignedCertificate.Make("Bridge on this machine", names, addresses, now, Life);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);

            // A file that is there keeps its rights when it is written to.
            File.Delete(file);
            using var writer = new StreamWriter(file, OwnerOnly.New(FileShare.None, FileMode.CreateNew));
            using var key = made.GetECDsaPrivateKey()!;
            writer.WriteLine(made.ExportCertificatePem());
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            made.Dispose();
            throw new HostStartException($"--https: the certificate can't be kept in {file}: {failure.Message}");
        }

        return made;
    }

    private static bool TryRead(string file, out X509Certificate2? certificate)
    {
        certificate = null;
        try
        {
            var pem = File.ReadAllText(file);
            using var read = X509Certificate2.CreateFromPem(pem, pem);
            certificate = SelfSignedCertificate.Usable(read);
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // Not there, or broken: a new one takes its place.
        }

        return certificate is not null;
    }

    private static bool IsFor(X509Certificate2 certificate, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses)
    {
        var named = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return named is not null
            && named.EnumerateDnsNames().ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(names)
            && named.EnumerateIPAddresses().ToHashSet().SetEquals(addresses);
    }
}
