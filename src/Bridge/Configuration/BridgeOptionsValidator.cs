using System.Net;
using Bridge.Realtime.OpenAi;
using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Says at start what is wrong with the configuration, in the operator's words.</summary>
internal sealed class BridgeOptionsValidator : AbstractValidator<BridgeOptions>
{
    public BridgeOptionsValidator()
    {
        RuleFor(o => o.Host).NotEmpty();
        RuleFor(o => o.Port).InclusiveBetween(0, 65535).WithName("--port");
        RuleFor(o => o.UdpPort).InclusiveBetween(0, 65535).WithName("--udp-port");
        RuleFor(o => o.PathBase).Must(p => p.Length == 0 || (p.Length > 1 && p[0] == '/' && p[^1] != '/' && Uri.IsWellFormedUriString(p, UriKind.Relative)))
            .WithMessage(o => $"PathBase: '{o.PathBase}' is no path; it looks like /voice.");
        RuleFor(o => o.MaxCalls).InclusiveBetween(1, 100_000);
        RuleFor(o => o.MaxMemory).Must(m => m is null || ByteSize.TryParse(m, out _))
            .WithMessage(o => $"MaxMemory: '{o.MaxMemory}' is no size; it looks like 512MB or 2GB.");
        RuleFor(o => o.GraceSeconds).InclusiveBetween(0, 3600);
        RuleFor(o => o.DrainSeconds).InclusiveBetween(0, 3600);
        RuleFor(o => o.Roles).Must(Directory.Exists)
            .WithMessage(o => $"--roles: there is no folder '{Path.GetFullPath(o.Roles)}'.");
        RuleForEach(o => o.PublicAddresses).Must(a => IPAddress.TryParse(a, out _))
            .WithMessage((_, a) => $"--public-address: '{a}' is no IP address.");
        RuleForEach(o => o.Origins)
            .Must(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.GetLeftPart(UriPartial.Authority) == a)
            .WithMessage((_, a) => $"--origin: '{a}' is no origin; it looks like https://shop.example.org.");
        RuleFor(o => o.ClusterKey).Must(k => k.Length is 0 or >= 32)
            .WithMessage("ClusterKey: a secret of at least 32 characters is expected, the same on all nodes.");
        RuleFor(o => o.ClusterKey).Must((o, key) => key.Length == 0 || o.Redis.Length > 0)
            .WithMessage("ClusterKey is the secret of nodes that share a Redis: set Redis, too.");
        RuleFor(o => o.FlightRecorder).Must(f => f is "off" or "on" or "last-minutes")
            .WithMessage(o => $"FlightRecorder: '{o.FlightRecorder}' is none of 'off', 'on' and 'last-minutes'.");
        RuleFor(o => o.Codec).Must(c => c is "auto" or "libopus" or "concentus")
            .WithMessage(o => $"--codec: '{o.Codec}' is none of 'auto', 'libopus' and 'concentus'.");
        RuleForEach(o => o.HostNames).Must(IsHostName)
            .WithMessage((_, name) => $"HostNames: '{name}' is no host name; it looks like bridge.example.org or http://bridge.lan.");
        RuleForEach(o => o.Proxies).Must(a => IPAddress.TryParse(a, out _))
            .WithMessage((_, a) => $"Proxies: '{a}' is no IP address.");
        RuleFor(o => o.Access).SetValidator(new AccessOptionsValidator());
        RuleFor(o => o.Limits).SetValidator(new LimitOptionsValidator());
        RuleFor(o => o.Records).SetValidator(new RecordOptionsValidator());
        RuleFor(o => o.Telemetry).SetValidator(new TelemetryOptionsValidator());
        RuleForEach(o => o.WebHooks).SetValidator(new WebHookOptionsValidator());
        RuleFor(o => o.WebHooks).Must(hooks => hooks.Select(h => h.Url).Distinct(StringComparer.Ordinal).Count() == hooks.Count)
            .WithMessage("WebHooks: two of them have the same Url; one with the events and roles of both does.");
        RuleFor(o => o.RehearsalVoice).Must(v => v is "auto" or "synthetic" or "timecode")
            .WithMessage("RehearsalVoice is 'auto', 'synthetic' or 'timecode'.");
        RuleForEach(o => o.Prices).Must(p => IsPrice(p.Value))
            .WithMessage((_, p) => $"Prices:{p.Key}: a price is a number of US dollars, 0 or more, and one of them is more than 0.");
        RuleFor(o => o.OpenAi.Profile).Must(p => ServerProfile.Find(p) is not null)
            .WithMessage(o => $"OpenAi:Profile: '{o.OpenAi.Profile}' is none of {string.Join(", ", ServerProfile.All.Select(p => p.Name))} (docs/models.md).");
        RuleFor(o => o.Budgets).SetValidator(new BudgetOptionsValidator());
        RuleFor(o => o).Must(o => !o.Budgets.HasDollars || string.IsNullOrEmpty(o.OpenAi.ApiKey) || o.Prices.ContainsKey(o.OpenAi.Model))
            .WithMessage(o => $"Budgets sets dollars, and the model {o.OpenAi.Model} has no price: set Prices:{o.OpenAi.Model} (docs/money.md), or no dollars.");
        RuleFor(o => o.TextModel.Api).Must(api => api is TextModelOptions.Chat or TextModelOptions.Responses)
            .WithMessage(o => $"TextModel:Api: '{o.TextModel.Api}' is none of chat, responses (docs/models.md).");
        RuleFor(o => o.TextModel.BaseUrl)
            .Must(u => u.Length == 0 || (Uri.TryCreate(u, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")))
            .WithMessage(o => $"TextModel:BaseUrl: '{o.TextModel.BaseUrl}' is no http(s) address.");
        RuleFor(o => o.TextModel.TimeoutSeconds).InclusiveBetween(1, 600);
        RuleFor(o => o.OpenAi.BaseUrl)
            .Must(u => Uri.TryCreate(u, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https"))
            .WithMessage(o => $"OPENAI_BASE_URL: '{o.OpenAi.BaseUrl}' is no http(s) address.");
    }

    private static bool IsHostName(string name) =>
        Uri.CheckHostName(name) is UriHostNameType.Dns
        || (Uri.TryCreate(name, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == name);

    private static bool IsPrice(PriceOptions price)
    {
        decimal[] all =
        [
            price.TextInput, price.AudioInput, price.ImageInput ?? 0, price.CachedText ?? 0, price.CachedAudio ?? 0, price.CachedImage ?? 0,
            price.TextOutput, price.AudioOutput, price.Transcription, price.TranscribedMinute, price.SessionSecond,
        ];
        return all.Min() >= 0 && all.Max() > 0;
    }
}
