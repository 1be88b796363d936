using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>The stand-in against the Live client of the <c>openai</c> package from npm, in Node, over a real socket.</summary>
public sealed class LiveNpmTests
{
    [Theory]
    [InlineData("client")]
    [InlineData("responses")]
    public async Task A_call_is_greeted_delegated_answered_and_closed(string delegation)
    {
        var seen = await PlayAsync(delegation, RehearsalFaults.None);

        Assert.Empty(seen["errors"]!.AsArray());
        Assert.Equal("show me the soup", (string?)seen["heard"]);
        Assert.Equal("Welcome.Here is the soup.It takes 25 minutes.", (string?)seen["said"]);
        Assert.Equal(delegation, (string?)seen["target"]);
        Assert.Equal(
            delegation == "client" ? [] : ["show_recipe", "{\"name\":\"tomato soup\"}"],
            seen["calls"]!.AsArray().SelectMany(call => call!.AsArray()).Select(text => (string)text!));
        Assert.Equal("""["close_requested",true]""", seen["closed"]!.ToJsonString());
        Assert.Equal(1000, (int)seen["close"]!);
        Assert.True((int)seen["loud"]! > 10 && (int)seen["audioBytes"]! > 4800 * (int)seen["loud"]!);
        Assert.StartsWith("live_", (string?)seen["id"], StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Faults => new()
    {
        { """{"session_cap_seconds":1}""", "1000" },
        { """{"drop_after_seconds":1}""", "1006" },
        { """{"close_after_seconds":1,"close_code":4000,"close_error":"response_input_buffer_full"}""", "4000 response_input_buffer_full" },
        { """{"start_error":"credit_balance_exhausted"}""", "1006 credit_balance_exhausted" },
        { """{"content_after_seconds":1,"start_delay_seconds":1}""", "1000" },
        { """{"session_cap_seconds":1,"unknown_every":3,"drop_output_every":2}""", "1000" },
        { """{"handshake_status":403,"session_cap_seconds":1}""", "1006 Unexpected server response: 403" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_reaches_the_client_as_what_it_is(string faults, string outcome)
    {
        Assert.True(RehearsalFaults.TryParse(System.Text.Encoding.UTF8.GetBytes(faults), out var parsed, out var refusal), refusal);

        var seen = await PlayAsync("fault", parsed);

        var errors = seen["errors"]!.AsArray().Select(error => (string)error!);
        Assert.Equal(outcome, string.Join(' ', errors.Prepend(seen["close"]!.ToString())));
        var closes = parsed is { DropAfterSeconds: null, CloseAfterSeconds: null, StartError: null, HandshakeStatus: null };
        Assert.Equal(closes, seen["types"]!.AsArray().Any(type => (string)type! == "session.closed"));
    }

    [Theory]
    [InlineData("live/live", "ClientEvent", "LiveClientEvent", "Live/live-client-events.schema.json")]
    [InlineData("chat/completions/completions", "ChatCompletionCreateParamsBase", "ChatRequest", "Text/chat-request.schema.json")]
    [InlineData("responses/responses", "ResponseCreateParamsBase", "ResponsesRequest", "Text/responses-request.schema.json")]
    public async Task A_schema_is_what_the_packages_types_say(string file, string type, string name, string schema)
    {
        NpmPeer.SkipUnlessInstalled();
        var made = await NpmPeer.ReadAsync(
            "types-schema.mjs", Path.Combine(NpmPeer.Folder, "node_modules", "openai", "resources", file + ".d.ts"), type, name);
        var kept = await File.ReadAllTextAsync(
            Path.Combine(Vectors.Root, "src", "Rehearsal", schema), TestContext.Current.CancellationToken);
        Assert.True(made.Trim() == kept.Trim(), $"Make it again: node types-schema.mjs .../{file}.d.ts {type} {name} > {schema}");
    }

    [Fact]
    public async Task The_text_interfaces_answer_whole_and_streamed_and_refuse_what_the_service_refuses()
    {
        NpmPeer.SkipUnlessInstalled();
        await using var host = await RehearsalHost.StartAsync();

        var seen = await NpmPeer.RunAsync("text-peer.mjs", $"{host.Address}/rehearsal/v1");

        const string Arguments = "{\"name\":\"tomato soup\"}";
        Assert.Equal(["tool_calls", "show_recipe", Arguments, "It takes 25 minutes.", "true"], Texts(seen["chat"]));
        Assert.Equal(["tool_calls", "Here is the soup.", Arguments, "true"], Texts(seen["chatStream"]));
        Assert.Equal(["show_recipe", Arguments, "It takes 25 minutes.", "true"], Texts(seen["responses"]));
        Assert.Equal("You are welcome, any time you like to cook again.", (string?)seen["responsesStream"]);
        Assert.Equal(
            ["400 unknown_parameter speed", "404 model_not_found model", "400 null messages", "400 null messages.[0].role"],
            Texts(seen["refused"]));
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(value => value!.ToString());

    private static async Task<JsonNode> PlayAsync(string scenario, RehearsalFaults faults)
    {
        NpmPeer.SkipUnlessInstalled();
        var script = Scripts.Demo with { Hears = ["show me the soup"] };
        await using var host = await RehearsalHost.StartAsync(script, faults);
        return await NpmPeer.RunAsync("live-peer.mjs", $"{host.Address}/rehearsal/v1", scenario);
    }
}
