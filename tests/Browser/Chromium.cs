using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>One person's Chromium: a fresh profile, a page, and a microphone that hears a quiet room or a file.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly Lazy<SpeechFile> Silence = new(() => new SpeechFile().Silence(1).Save());

    private readonly IBrowser _browser;
    private readonly IBrowserContext _context;
    private readonly bool _shared;

    private Chromium(IBrowser browser, IBrowserContext context, IPage page, bool shared)
    {
        _browser = browser;
        _context = context;
        _shared = shared;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Errors of the page's console and uncaught exceptions.</summary>
    public List<string> Errors { get; } = [];

    public static void Require()
    {
        if (!File.Exists(Browsers.Program))
        {
            Assert.Skip($"{Browsers.Program} is not installed; test.sh installs it on Debian and Ubuntu.");
        }
    }

    public static async Task<Chromium> OpenAsync(
        Uri address, string? microphone = null, bool grant = true, ViewportSize? viewport = null, string? trust = null)
    {
        Require();
        List<string> arguments =
        [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
            // A page that a test serves itself has no address, and from there Chromium would bar the way to this host.
            "--disable-features=LocalNetworkAccessChecks", "--autoplay-policy=no-user-gesture-required",
        ];
        if (grant)
        {
            arguments.Add("--use-fake-ui-for-media-stream");
            arguments.Add("--use-fake-device-for-media-stream");
        }

        if (trust is not null)
        {
            // SHA-256 of the key of one certificate, in base64.
            arguments.Add($"--ignore-certificate-errors-spki-list={trust}");
        }

        // Without a file the fake device beeps every second, which the model takes for a person who never stops.
        arguments.Add($"--use-file-for-fake-audio-capture={microphone ?? Silence.Value.Path}%noloop");

        var shared = microphone is null && trust is null;
        var browser = await Browsers.LaunchAsync(arguments, shared);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            Permissions = grant ? ["microphone"] : [],
            ViewportSize = viewport ?? new ViewportSize { Width = 1280, Height = 800 },
        });
        await context.AddInitScriptAsync(scriptPath: Path.Combine(AppContext.BaseDirectory, "probe.js"));
        var page = await context.NewPageAsync();
        var chromium = new Chromium(browser, context, page, shared);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                chromium.Errors.Add(message.Text);
            }
        };
        page.PageError += (_, error) => chromium.Errors.Add(error);
        return chromium;
    }

    public ILocator ById(string testId) => Page.GetByTestId(testId);

    /// <summary>Waits until the state's text is this one.</summary>
    public Task StateAsync(string state) =>
        Assertions.Expect(ById("state")).ToHaveTextAsync(state, new LocatorAssertionsToHaveTextOptions { IgnoreCase = true });

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        if (!_shared)
        {
            await _browser.CloseAsync();
        }
    }
}
