using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>
/// examples/react with the npm package as it is packed, built by Vite with React's development build, which mounts twice under StrictMode.
/// </summary>
public sealed class ReactTests
{
    private static readonly string Example = Path.Combine(Repository.Root, "examples", "react");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_React_application_holds_one_call_whose_functions_come_and_go_with_its_components()
    {
        if (!Directory.Exists(Path.Combine(Example, "node_modules", "react")))
        {
            Assert.Skip("examples/react is not installed; test.sh does so with npm ci.");
        }

        var built = Directory.CreateTempSubdirectory("bridge-react-").FullName;
        try
        {
            await using var shop = await ServeAsync(built);
            using var roles = new TestRoles().Copy("lamp-shop", "examples/roles");
            await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Origins:0", shop.Urls.First()));
            await BuildAsync(built, host.Address);

            // The sentence is in React's development build alone, as is the double mounting.
            var scripts = Directory.GetFiles(Path.Combine(built, "assets"), "*.js").Select(File.ReadAllText);
            Assert.Contains(scripts, script => script.Contains("Invalid hook call", StringComparison.Ordinal));
            await using var browser = await Chromium.OpenAsync(new Uri(shop.Urls.First()));
            await HoldCallAsync(browser, host);
        }
        finally
        {
            Directory.Delete(built, recursive: true);
        }
    }

    private static async Task HoldCallAsync(Chromium browser, BrowserHost host)
    {
        var page = browser.Page;
        var conversation = page.GetByLabel("Conversation");
        var lamp = page.GetByRole(AriaRole.Img);
        await page.GotoAsync("/");
        await AccessibilityTests.PassesAsync(page, "React application");
        Assert.Empty(host.Calls.Calls);
        await page.GetByRole(AriaRole.Button, new() { Name = "Talk to the agent" }).ClickAsync();
        await Expect(conversation).ToContainTextAsync("Welcome to the lamp shop");
        var call = Assert.Single(host.Calls.Calls);
        await SayAsync(page, "Make it red");
        await Expect(lamp).ToHaveAccessibleNameAsync("The lamp is crimson (change 1)");
        await SayAsync(page, "Now blue");
        await Expect(lamp).ToHaveAccessibleNameAsync("The lamp is royalblue (change 2)");

        // A component that is gone has taken its function along; one that is back brings it again.
        await page.GetByLabel("Show the lamp").UncheckAsync();
        await SayAsync(page, "red again");
        await Expect(conversation).ToContainTextAsync("You: red again");
        await Expect(lamp).ToHaveCountAsync(0);
        await page.GetByLabel("Show the lamp").CheckAsync();
        await Expect(lamp).ToHaveAccessibleNameAsync("The lamp is off");
        await SayAsync(page, "blue once more");
        await Expect(lamp).ToHaveAccessibleNameAsync("The lamp is royalblue (change 1)");

        // A reload goes on with the call, without a click.
        await page.ReloadAsync();
        await Expect(conversation).ToContainTextAsync("Welcome to the lamp shop");
        await SayAsync(page, "red after the reload");
        await Expect(lamp).ToHaveAccessibleNameAsync("The lamp is crimson (change 1)");
        Assert.Same(call, Assert.Single(host.Calls.Calls));

        // A view that is left ends its call.
        await page.GetByRole(AriaRole.Button, new() { Name = "Leave the shop" }).ClickAsync();
        Assert.Equal(Bridge.Calls.CallEnd.Hangup, await call.Ended.WaitAsync(Token));
        await page.GetByRole(AriaRole.Button, new() { Name = "Enter the shop" }).ClickAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByLabel("Say").FillAsync(text);
        await page.GetByLabel("Say").PressAsync("Enter");
    }

    // A web server that has nothing to do with the Bridge.
    private static async Task<WebApplication> ServeAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(folder) });
        await app.StartAsync(Token);
        return app;
    }

    // The sources beside a node_modules that holds the unpacked package, and everything else by link.
    private static async Task BuildAsync(string target, Uri bridge)
    {
        var work = Directory.CreateTempSubdirectory("bridge-react-source-").FullName;
        try
        {
            var modules = Directory.CreateDirectory(Path.Combine(work, "node_modules")).FullName;
            foreach (var module in Directory.GetFileSystemEntries(Path.Combine(Example, "node_modules")))
            {
                if (Path.GetFileName(module) is not ("voice-bridge" or ".vite" or ".vite-temp") and var name)
                {
                    Directory.CreateSymbolicLink(Path.Combine(modules, name), module);
                }
            }

            var package = Directory.CreateDirectory(Path.Combine(modules, "voice-bridge")).FullName;
            await RunAsync(work, bridge, "npm", "pack", Path.Combine(Repository.Root, "src", "Client", "dist"), "--silent");
            await RunAsync(work, bridge, "tar", "-xzf", Directory.GetFiles(work, "*.tgz").Single(), "-C", package, "--strip-components=1");
            await RunAsync(work, bridge, "cp", "-r", "src", "index.html", "vite.config.ts", "tsconfig.json", "package.json", work);
            await RunAsync(work, bridge, "npm", "run", "--silent", "check");
            await RunAsync(work, bridge, "npm", "run", "--silent", "build", "--", "--outDir", target, "--emptyOutDir");
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task RunAsync(string folder, Uri bridge, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = program == "cp" ? Example : folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NODE_ENV"] = "development", ["VITE_BRIDGE_URL"] = bridge.ToString().TrimEnd('/') },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token) + await errors;
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{output}");
    }
}
