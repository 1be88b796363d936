using System.Text.Json;

namespace Bridge.Tools;

/// <summary>The tools that are built into the host; <see cref="Roles.ServerTools"/> declares them.</summary>
internal static class ServerTool
{
    public static async Task<ToolOutcome> RunAsync(ToolRun run, CancellationToken cancellation)
    {
        var arguments = run.Arguments;
        switch (run.Tool.Name)
        {
            case "show":
                return await ShowAsync(run, cancellation).ConfigureAwait(false);
            case "save":
                return await SaveAsync(run, cancellation).ConfigureAwait(false);
            case "recap":
                run.Host.RequestRecap();
                return ToolOutcome.Done(new { recap = "It is being written and will appear on the caller's screen." });
            case "end_call":
                run.Host.EndCall(Text(arguments, "reason") ?? "end_call");
                return ToolOutcome.Done(new { ending = true, note = "The call ends when you have said goodbye. If the person goes on talking, it does not." });
            case "wait" or "stay_silent":
                return ToolOutcome.Done(new { silent = true });
            case "transfer":
                return await TransferAsync(run, cancellation).ConfigureAwait(false);
            default:
                return ToolOutcome.Fail($"This host has no tool {run.Tool.Name}.");
        }
    }

    private static async Task<ToolOutcome> SaveAsync(ToolRun run, CancellationToken cancellation)
    {
        var arguments = run.Arguments;
        try
        {
            await run.Host.Save(new ToolNote(run.CallId, Text(arguments, "title"), Text(arguments, "text") ?? "", Member(arguments, "data")), cancellation).ConfigureAwait(false);
            return ToolOutcome.Done(new { saved = true });
        }
        catch (IOException)
        {
            // Why is in the host's log; the model has to know that nothing was kept.
            return ToolOutcome.Fail("The note could not be saved; the server can not write it. Tell the person that it is not saved.");
        }
    }

    private static async Task<ToolOutcome> ShowAsync(ToolRun run, CancellationToken cancellation)
    {
        var markdown = Text(run.Arguments, "markdown");
        var card = Member(run.Arguments, "card");
        if (string.IsNullOrWhiteSpace(markdown) && card.ValueKind != JsonValueKind.Object)
        {
            return ToolOutcome.Fail("show needs \"markdown\" or a \"card\".");
        }

        var outcome = await PageTool.AskAsync(run, "stage/show", new
        {
            callId = run.CallId,
            id = run.CallId,
            kind = card.ValueKind == JsonValueKind.Object ? "card" : "markdown",
            title = Text(run.Arguments, "title"),
            markdown,
            card = card.ValueKind == JsonValueKind.Object ? card : (JsonElement?)null,
        }, cancellation).ConfigureAwait(false);
        return outcome.Failed ? outcome : ToolOutcome.Done(new { shown = true });
    }

    private static async Task<ToolOutcome> TransferAsync(ToolRun run, CancellationToken cancellation)
    {
        var role = Text(run.Arguments, "role")!;
        if (!run.Tool.TransferTo.Contains(role, StringComparer.Ordinal))
        {
            return ToolOutcome.Fail($"transfer can not go to \"{role}\"; it can go to {string.Join(", ", run.Tool.TransferTo)}.");
        }

        return await run.Host.Transfer(role, Text(run.Arguments, "reason"), cancellation).ConfigureAwait(false) is { } refusal
            ? ToolOutcome.Fail(refusal)
            : ToolOutcome.Done(new { transferred = role });
    }

    private static JsonElement Member(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
