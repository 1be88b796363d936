using Bridge.Access;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Models;
using Bridge.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>The lines that a started host writes to its console.</summary>
internal static class HostAnnouncement
{
    public static void Write(IServiceProvider services)
    {
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var shown = addresses.FirstOrDefault() ?? "";
        var options = services.GetRequiredService<IOptions<BridgeOptions>>().Value;
        if (options.Host == "localhost" && Uri.TryCreate(shown, UriKind.Absolute, out var uri))
        {
            shown = $"{uri.Scheme}://localhost:{uri.Port}";
        }

        var https = services.GetService<LocalHttps>();
        if (https is not null)
        {
            shown = $"https://{https.PhonesHost}:{new Uri(shown).Port}";
        }

        var model = services.GetRequiredService<ModelDirectory>().Describe();
        var ports = services.GetRequiredService<MediaEngine>().Ports(services);
        var answers = model.Kind == "rehearsal"
            ? "embedded rehearsal model answers (no OPENAI_API_KEY)"
            : $"model is {model.Name} at {options.OpenAi.BaseUrl}";
        Console.WriteLine($"Bridge is listening on {shown}");
        if (services.GetRequiredService<OperatorKey>().File is { } file)
        {
            Console.WriteLine($"Operators of this machine: their key is in {file}.");
        }

        Console.WriteLine($"Calls arrive on {ports}; the {answers}.");
        Console.WriteLine(services.GetRequiredService<AudioCodecs>().Announcement);
        if (https is not null)
        {
            WriteWay(https, new Uri(shown).Port, options.Data);
        }
    }

    // For the screen of the person who started it: the addresses hold the ticket.
    private static void WriteWay(LocalHttps https, int port, string data)
    {
        var phones = https.Page(https.PhonesHost, port);
        Console.WriteLine();
        foreach (var line in Console.IsOutputRedirected ? [] : QrPicture.Lines(phones))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"A phone on this network: {phones}");
        Console.WriteLine($"This machine: {https.Page("localhost", port)}");
        Console.WriteLine(
            $"The browser asks once: the certificate is this machine's own ({Path.Combine(data, LocalCertificate.FileName)}).");
        if (https.Ticket is not null)
        {
            Console.WriteLine("Whoever has one of these addresses may call for 12 hours; --access says otherwise.");
        }
    }
}
