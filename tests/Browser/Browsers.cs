using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Bridge.Browser.Tests.Browsers))]

namespace Bridge.Browser.Tests;

/// <summary>
/// The Chromium programs of a run: tests whose microphone hears the same file share one, each with a profile of its own,
/// because a start takes longer than many a test.
/// </summary>
public sealed class Browsers : IAsyncDisposable
{
    internal const string Program = "/usr/bin/chromium";

    private static readonly SemaphoreSlim Gate = new(1);
    private static readonly Dictionary<string, IBrowser> Shared = [];
    private static IPlaywright? _playwright;

    /// <summary>A browser with these arguments; <paramref name="shared"/> ones live as long as the run.</summary>
    internal static async Task<IBrowser> LaunchAsync(IReadOnlyList<string> arguments, bool shared)
    {
        await Gate.WaitAsync();
        try
        {
            if (_playwright is null)
            {
                Assertions.SetDefaultExpectTimeout(Calling.Patience);
                _playwright = await Playwright.CreateAsync();
            }

            var key = string.Join(' ', arguments);
            if (shared && Shared.TryGetValue(key, out var running) && running.IsConnected)
            {
                return running;
            }

            var browser = await _playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions { ExecutablePath = Program, Headless = true, Args = arguments });
            if (shared)
            {
                Shared[key] = browser;
            }

            return browser;
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var browser in Shared.Values)
        {
            await browser.CloseAsync();
        }

        Shared.Clear();
        _playwright?.Dispose();
        _playwright = null;
    }
}
