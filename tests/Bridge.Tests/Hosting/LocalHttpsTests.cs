using System.Net;
using System.Security.Cryptography.X509Certificates;
using Bridge.Configuration;
using Bridge.Hosting;
using Microsoft.Extensions.Configuration;

namespace Bridge.Tests.Hosting;

/// <summary><c>--https</c>: the certificate and its names, who may call, and what is refused.</summary>
public sealed class LocalHttpsTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private static readonly IPAddress Home = IPAddress.Parse("192.168.1.20");
    private static readonly IPAddress Docker = IPAddress.Parse("172.17.0.1");
    private static readonly IPAddress Six = IPAddress.Parse("2001:db8::20");
    private static readonly string Roles = Path.Combine(Repository.Root, "roles");
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-https-").FullName;

    private string File => Path.Combine(_folder, LocalCertificate.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_certificate_is_for_the_names_and_addresses_and_kept_for_its_user_alone()
    {
        using var made = Obtain(Now, ["localhost", "desk", "desk.local"], [Home, Six]);
        var named = made.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["localhost", "desk", "desk.local"], named.EnumerateDnsNames());
        Assert.Equal([Home, Six], named.EnumerateIPAddresses());
        Assert.True(made.MatchesHostname("desk.local"));
        Assert.True(made.MatchesHostname("192.168.1.20"));
        Assert.False(made.MatchesHostname("192.168.1.21"));
        Assert.True(made.HasPrivateKey);
        Assert.InRange(made.NotAfter.ToUniversalTime(), Now.UtcDateTime.AddDays(396), Now.UtcDateTime.AddDays(398));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }

        using var again = Obtain(Now.AddDays(300), ["desk.local", "localhost", "desk"], [Six, Home]);
        Assert.Equal(made.Thumbprint, again.Thumbprint);
        Assert.True(again.HasPrivateKey);
    }

    [Theory]
    [InlineData(370, "192.168.1.20", null)]
    [InlineData(-2, "192.168.1.20", null)]
    [InlineData(1, "192.168.1.21", null)]
    [InlineData(1, "192.168.1.20", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData(1, "192.168.1.20", "")]
    public void It_is_made_anew_when_it_ends_soon_the_addresses_are_others_or_the_file_is_broken(int days, string address, string? content)
    {
        using var made = Obtain(Now, ["localhost"], [Home]);
        if (content is not null)
        {
            System.IO.File.WriteAllText(File, content);
        }

        using var next = Obtain(Now.AddDays(days), ["localhost"], [IPAddress.Parse(address)]);
        Assert.NotEqual(made.Thumbprint, next.Thumbprint);
        using var kept = Obtain(Now.AddDays(days), ["localhost"], [IPAddress.Parse(address)]);
        Assert.Equal(next.Thumbprint, kept.Thumbprint);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public void A_folder_that_can_not_be_written_is_told_in_one_sentence()
    {
        var refusal = Assert.Throws<HostStartException>(
            () => LocalCertificate.Obtain("/proc/nowhere", ["localhost"], [Home], Now));
        Assert.StartsWith("--https: the certificate can't be kept in /proc/nowhere/https.pem: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_choice_the_host_listens_everywhere_and_whoever_has_the_printed_ticket_calls()
    {
        var configuration = Configuration();
        using var https = LocalHttps.Prepare(configuration, [Six, Home, Docker])!;
        var options = configuration.ReadBridgeOptions();
        Assert.Equal(("*", "ticket"), (options.Host, options.Access.Mode));
        Assert.True(options.Access.Key!.Length >= 64);
        Assert.NotNull(https.Ticket);
        Assert.Equal($"https://192.168.1.20:5080/#ticket={https.Ticket}", https.Page("192.168.1.20", 5080));
        var named = https.Certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();

        // IPv6 addresses change by the day: they count only where there are no others.
        Assert.Equal([Home, Docker, IPAddress.Loopback, IPAddress.IPv6Loopback], named.EnumerateIPAddresses());
        Assert.Contains("localhost", named.EnumerateDnsNames());
        Assert.Equal(Home, https.Phones);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("ticket")]
    public void Who_may_call_stays_as_the_operator_said_and_no_ticket_is_printed(string mode)
    {
        var configuration = Configuration(
            ("Bridge:Access:Mode", mode), ("Bridge:Access:Key", "a-key-of-the-tests-with-32-characters-or-more"));
        using var https = LocalHttps.Prepare(configuration, [Home])!;
        Assert.Equal(mode, configuration.ReadBridgeOptions().Access.Mode);
        Assert.Null(https.Ticket);
        Assert.Equal("https://192.168.1.20:5443/", https.Page(https.PhonesHost, 5443));
    }

    [Fact]
    public void A_host_without_the_switch_is_left_alone()
    {
        var configuration = new ConfigurationManager { ["Bridge:Roles"] = Roles };
        Assert.Null(LocalHttps.Prepare(configuration, [Home]));
        Assert.Equal("localhost", configuration.ReadBridgeOptions().Host);
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData("", "", "--https is for other devices")]
    [InlineData("Bridge:Host", "localhost", "--https is for other devices")]
    [InlineData("Bridge:Host", "127.0.0.1", "--https is for other devices")]
    [InlineData("urls", "http://*:5080", "--https listens at --host and --port")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://*:5080", "--https listens at --host and --port")]
    public void A_machine_without_an_address_and_contradictions_are_refused(string key, string value, string words)
    {
        var configuration = key.Length > 0 ? Configuration((key, value)) : Configuration();
        IPAddress[] found = key.Length > 0 ? [Home] : [IPAddress.Loopback];
        var refusal = Assert.Throws<HostStartException>(() => LocalHttps.Prepare(configuration, found));
        Assert.StartsWith(words, refusal.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void The_code_on_the_screen_has_its_three_marks_and_two_modules_of_light_around_it()
    {
        var rows = QrPicture.Rows("https://192.168.1.20:5080/#ticket=" + new string('x', 200));
        var width = Assert.Single(rows.Select(row => row.Length).Distinct());
        Assert.Equal((width + 1) / 2, rows.Count);
        bool Dark(int x, int y) => rows[y / 2][x] is '█' || rows[y / 2][x] == (y % 2 == 0 ? '▀' : '▄');
        foreach (var (left, top) in new[] { (2, 2), (width - 9, 2), (2, width - 9) })
        {
            for (var y = 0; y < 7; y++)
            {
                for (var x = 0; x < 7; x++)
                {
                    var ring = Math.Max(Math.Abs(x - 3), Math.Abs(y - 3));
                    Assert.True(Dark(left + x, top + y) == (ring != 2), $"module {x}, {y} of the mark at {left}, {top}");
                }
            }
        }

        Assert.All(Enumerable.Range(0, width), i => Assert.False(Dark(i, 0) || Dark(i, 1) || Dark(0, i) || Dark(width - 1, i)));
    }

    private X509Certificate2 Obtain(DateTimeOffset now, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) =>
        LocalCertificate.Obtain(_folder, names, addresses, now);

    private ConfigurationManager Configuration(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Bridge:Https"] = "true", ["Bridge:Data"] = _folder, ["Bridge:Roles"] = Roles });
        return configuration;
    }
}
