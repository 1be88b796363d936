using Bridge.Roles;
using Bridge.Tools;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Tools;

/// <summary>A role that somebody sent the operator, and the operator's secrets.</summary>
public sealed class SecretTests
{
    private static readonly Uri Shop = new("https://api.shop.example/orders");

    [Theory]
    [InlineData("food-order", "https://api.shop.example/x", null)]
    [InlineData("food-order", "https://eu.shop.example/x", null)]
    [InlineData("food-order", "https://shop.example/x", "the secret SHOP may not go to shop.example")]
    [InlineData("food-order", "https://evil.example/api.shop.example", "the secret SHOP may not go to evil.example")]
    [InlineData("food-order", "https://notshop.example/", "the secret SHOP may not go to notshop.example")]
    [InlineData("food-order", null, "the secret SHOP is for hosts, and not for a program")]
    [InlineData("stranger", "https://api.shop.example/x", "the secret SHOP is not for the role stranger")]
    public void A_secret_goes_where_it_is_bound_and_nowhere_else(string role, string? target, string? refusal)
    {
        using var services = Services(
            ("SHOP:Value", "s-1"),
            ("SHOP:Roles:0", "food-order"),
            ("SHOP:Hosts:0", "api.shop.example"),
            ("SHOP:Hosts:1", "*.shop.example"));
        var filled = SecretText.TryFill(
            "Bearer ${SHOP}", role, target is null ? null : new Uri(target), services, out var text, out var problem);
        Assert.Equal(refusal is null, filled);
        Assert.Equal(refusal, problem);
        Assert.Equal(refusal is null ? "Bearer s-1" : "", text);
    }

    [Fact]
    public void The_short_form_goes_anywhere_and_is_warned_of_when_it_goes_to_the_internet()
    {
        using var services = Services(("SHOP", "s-1"), ("BOUND:Value", "s-2"), ("BOUND:Hosts:0", "api.shop.example"));
        Assert.True(SecretText.TryFill("${SHOP}", "any", Shop, services, out var text, out _));
        Assert.Equal("s-1", text);
        var folder = Directory.CreateTempSubdirectory("bridge-secret-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "desk"));
        File.WriteAllText(Path.Combine(folder, "desk", "agent.instruct"), "You help.\n");
        File.WriteAllText(Path.Combine(folder, "desk", "role.yaml"), """
            name: Desk
            description: For a test.
            tools:
              - name: order
                target: http
                description: Orders.
                parameters: { type: object, properties: {} }
                http: { url: "https://api.shop.example/orders", headers: { Authorization: "Bearer ${SHOP}", X-Other: "${BOUND}" } }
              - name: here
                target: http
                description: Stays here.
                parameters: { type: object, properties: {} }
                http: { url: "http://127.0.0.1:9/orders", headers: { Authorization: "${SHOP}" } }
            """);
        using var catalog = new RoleCatalog(folder, TimeProvider.System);
        Assert.Empty(catalog.Current.Entries.SelectMany(entry => entry.Errors));
        var role = catalog.Current.Find("desk")!;
        Assert.Equal([("order", "SHOP")], SecretText.Unbound(role, services));
    }

    [Fact]
    public async Task A_web_hook_of_another_role_does_not_get_the_secret()
    {
        var options = new ToolOptions { Secrets = { ["SHOP"] = new SecretOptions { Value = "s-1", Roles = ["food-order"] } } };
        await using var bench = new ToolBench(options);
        var tool = ToolBench.Tool("order", ToolTarget.Http) with
        {
            Http = new HttpToolSettings { Url = Shop, Headers = new Dictionary<string, string> { ["Authorization"] = "${SHOP}" } },
        };
        bench.Dispatcher.UseTools([tool], "stranger");
        Assert.Equal("order is not set up rightly on this server.", ToolBench.Error(await bench.Call("order")));
        Assert.Equal("tool_secret: order: the secret SHOP is not for the role stranger.", Assert.Single(bench.Problems));
    }

    private static ToolServices Services(params (string Key, string Value)[] secrets)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                secrets.Select(secret => KeyValuePair.Create("Bridge:Tools:Secrets:" + secret.Key, (string?)secret.Value)))
            .Build();
        var options = configuration.GetSection(ToolOptions.Section).Get<ToolOptions>()!;
        return new ToolServices(Options.Create(options), TimeProvider.System);
    }
}
