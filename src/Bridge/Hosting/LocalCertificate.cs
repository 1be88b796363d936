using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bridge.Configuration;

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

    /// <summary>The one that is kept, or a new one when there is none, it ends within 30 days, or names and addresses are others.</summary>
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

        using var made = Make(names, addresses, now);
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
            throw new HostStartException($"--https: the certificate can't be kept in {file}: {failure.Message}");
        }

        return Usable(made);
    }

    private static bool TryRead(string file, out X509Certificate2? certificate)
    {
        certificate = null;
        try
        {
            var pem = File.ReadAllText(file);
            using var read = X509Certificate2.CreateFromPem(pem, pem);
            certificate = Usable(read);
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

    private static X509Certificate2 Make(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Bridge on this machine", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        foreach (var address in addresses)
        {
            alternatives.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));

        // A phone's clock may be behind.
        return request.CreateSelfSigned(now.AddDays(-1), now + Life);
    }

    // TLS on Windows takes no key that lives in memory alone.
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
