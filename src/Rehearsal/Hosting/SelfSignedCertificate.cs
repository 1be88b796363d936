using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Bridge.Rehearsal.Hosting;

/// <summary>A certificate for a TLS server, signed by nobody else: P-256, for names and addresses (RFC 5280 §4.2.1.6).</summary>
internal static class SelfSignedCertificate
{
    /// <summary>Makes one. It holds from a day before, because the clock of the other side may be behind.</summary>
    /// <param name="subject">Its common name, as a browser shows it.</param>
    /// <param name="names">DNS names.</param>
    /// <param name="addresses">IP addresses.</param>
    /// <param name="now">The time.</param>
    /// <param name="life">Time for which it holds from now on.</param>
    /// <returns>The certificate with its key, as TLS takes it on every system; its owner disposes it.</returns>
    public static X509Certificate2 Make(
        string subject, IEnumerable<string> names, IEnumerable<IPAddress> addresses, DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
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
        using var made = request.CreateSelfSigned(now.AddDays(-1), now + life);
        return Usable(made);
    }

    /// <summary>The same certificate with a key that TLS takes: on Windows none that is in memory alone.</summary>
    public static X509Certificate2 Usable(X509Certificate2 certificate) => X509CertificateLoader.LoadPkcs12(
        certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
}
