using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bridge.Tests;

/// <summary>Private roles are nobody's business unless the operator says so.</summary>
public sealed class PrivateRoleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false)]
    [InlineData("secret*", true)]
    [InlineData("other*", false)]
    public async Task A_private_role_is_listed_and_joined_only_through_the_filter(string filter, bool served)
    {
        var roles = Directory.CreateTempSubdirectory("bridge-roles-").FullName;
        await WriteAsync(Path.Combine(roles, "open-desk"), "Open desk");
        await WriteAsync(Path.Combine(roles, "private", "secret-desk"), "Secret desk");
        await using var host = await RunningHost.StartAsync(("Roles", roles), ("PrivateRoles", filter));
        using var http = new HttpClient { BaseAddress = host.Address };
        var listed = (await http.GetFromJsonAsync<JsonElement>("/api/roles?filter=*", Cancellation))
            .GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("slug").GetString()).ToList();
        Assert.Contains("open-desk", listed);
        Assert.Equal(served, listed.Contains("secret-desk"));
        await using var hub = await HubClient.ConnectAsync(host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Join", new { role = "secret-desk" }, Cancellation);
        Assert.Equal(served, error is null);

        // Neither what its page module is made of nor its data is found by a stranger who knows the name.
        foreach (var door in new[] { "/roles/secret-desk/page/index.js", "/roles/secret-desk/page/style.css",
            "/api/roles/secret-desk/page-data" })
        {
            using var answer = await http.GetAsync(door, Cancellation);
            Assert.Equal(served ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static async Task WriteAsync(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "role.yaml"), $"name: {name}\ndescription: For a test.\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "agent.instruct"), "You help.\n", Cancellation);
        Directory.CreateDirectory(Path.Combine(folder, "page"));
        await File.WriteAllTextAsync(Path.Combine(folder, "page", "index.js"), "export default () => {};\n", Cancellation);
    }
}
