using System.Text.Json;
using Bridge.Calls;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Calls;

/// <summary>The model's service refuses a function, or a role that a call was to go on with.</summary>
public sealed class RefusedConfigurationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static ModelEvent.Error Refusal(string code, string param) => new("invalid_request_error", code, "", param, null);

    [Fact]
    public async Task A_tool_that_the_service_refuses_is_told_to_the_page_and_the_others_work()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("plain");
        calls.Refuses = settings => settings.Tools.Select(t => t.Name).ToList().IndexOf("bad_one") is var at and >= 0
            ? Refusal("invalid_function_parameters", $"session.tools[{at}].parameters") : null;
        var (call, page) = await calls.OpenAsync("plain");
        object[] tools = [new { name = "bad_one", description = "" }, new { name = "good_one", description = "" }];
        await page.AskAsync(2, "page/hello", new { tools });
        await calls.UntilAsync(call, () => page.Told("call/problem").Count > 0, Patience);
        const string Message = "bad_one is left out: the model's service refuses it (invalid_function_parameters).";
        Assert.Equal(("tool_refused", Message), Read(Assert.Single(page.Told("call/problem"))));
        await calls.UntilAsync(call, () => Updates(calls).Last().Tools.Select(t => t.Name).SequenceEqual(["good_one"]), Patience);

        // A page that comes again hears it with hello, too, until it has mended the tool.
        var hello = await page.AskAsync(3, "page/hello", new { tools });
        Assert.Equal(Message, hello.GetProperty("result").GetProperty("refusedTools")[0].GetProperty("message").GetString());
        calls.Refuses = _ => null;
        hello = await page.AskAsync(4, "page/hello", new { tools = (object[])[new { name = "bad_one", description = "mended" }] });
        Assert.Equal(0, hello.GetProperty("result").GetProperty("refusedTools").GetArrayLength());
        await calls.UntilAsync(call, () => Updates(calls).Last().Tools.Select(t => t.Name).SequenceEqual(["bad_one"]), Patience);
        await calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task An_edit_that_the_service_refuses_leaves_the_role_and_is_not_tried_again_until_the_next()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("plain", description: "at first");
        var (call, page) = await calls.OpenAsync("plain");
        calls.Refuses = settings => settings.Speed == 1.25 ? Refusal("invalid_value", "session.instructions") : null;
        calls.Roles.Add("plain", "voice:\n  speed: 1.25\n", description: "refused");
        call.RolesEdited();
        await calls.UntilAsync(call, () => page.Told("call/problem").Count > 0, Patience);
        var (code, message) = Read(Assert.Single(page.Told("call/problem")));
        Assert.Equal("role_refused", code);
        Assert.Equal("The model's service refuses the new configuration; the call goes on as before.", message);
        Assert.Equal("at first", call.Role.Description);
        var updates = Updates(calls).Count;
        call.RolesEdited();
        await calls.PassAsync(call, TimeSpan.FromSeconds(1));
        Assert.Equal("at first", call.Role.Description);
        Assert.InRange(Updates(calls).Count, updates, updates + 1);
        Assert.Null(Updates(calls).Last().Speed);

        calls.Roles.Add("plain", description: "mended");
        call.RolesEdited();
        await calls.PassAsync(call, TimeSpan.FromSeconds(1));
        Assert.Equal("mended", call.Role.Description);
        Assert.Single(page.Told("call/problem"));
        await calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_transfer_that_the_service_refuses_keeps_the_role_and_the_page_is_shown_it_again()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("second", "voice:\n  speed: 1.25\n");
        calls.Roles.Add(
            "plain",
            "tools:\n- name: transfer\n  target: server\n  to: [second]\n",
            "rules:\n- when: [over]\n  call:\n  - name: transfer\n    arguments: { role: second }\n  then: Here is the second.\notherwise: Still the plain one.\n");
        calls.Refuses = settings => settings.Speed == 1.25 ? Refusal("invalid_value", "session") : null;
        var (call, page) = await calls.OpenAsync("plain");
        page.Say(2, "page/text", new { text = "over" });
        await calls.UntilAsync(call, () => page.Told("call/transcript").Count > 0, TimeSpan.Zero);
        await calls.UntilAsync(call, () => page.Told("tool/activity").Any(activity => activity.GetProperty("phase").GetString() == "done"), TimeSpan.FromSeconds(2));
        await calls.UntilAsync(call, () => page.Told("call/problem").Count > 0, TimeSpan.FromSeconds(20));
        await calls.UntilAsync(call, () => call.Role.Slug == "plain", Patience);
        Assert.Equal(["second", "plain"], page.Told("call/info").TakeLast(2).Select(info => info.GetProperty("role").GetProperty("slug").GetString()));
        Assert.Equal("role_refused", Read(Assert.Single(page.Told("call/problem"))).Code);
        await calls.UntilAsync(
            call,
            () => calls.Sessions[0].Sent.OfType<ModelCommand.CreateItem>().Any(c => c.Item.Kind == ModelItemKind.SystemMessage && c.Item.Text.Contains("refused", StringComparison.Ordinal)),
            Patience);
        await calls.EndAsync(call, call.DisposeAsync());
    }

    private static List<SessionSettings> Updates(VirtualCalls calls) =>
        [.. calls.Sessions[^1].Sent.OfType<ModelCommand.UpdateSession>().Select(update => update.Settings)];

    private static (string? Code, string? Message) Read(JsonElement problem) => (problem.GetProperty("code").GetString(), problem.GetProperty("message").GetString());
}
