using System.Text.Json;
using Bridge.Rpc;

namespace Bridge.Tools;

/// <summary>A function of the page: <c>tool/call</c>, once only, with its progress.</summary>
internal static class PageTool
{
    // Longer than an interruption of ICE takes to be noticed: the page may be there again.
    private static readonly TimeSpan AckDeadline = TimeSpan.FromSeconds(8);

    public static Task<ToolOutcome> RunAsync(ToolRun run, CancellationToken cancellation) =>
        AskAsync(run, "tool/call", new { name = run.Tool.Name, arguments = run.Arguments }, cancellation);

    /// <summary>Asks the page once per call_id; the page's errors become sentences for the model.</summary>
    public static async Task<ToolOutcome> AskAsync(ToolRun run, string method, object parameters, CancellationToken cancellation)
    {
        run.Begun = true;
        var timeout = run.Tool.Timeout;
        var options = new RpcRequestOptions
        {
            CallId = run.CallId,
            AckDeadline = timeout < AckDeadline ? timeout : AckDeadline,
            ResponseDeadline = timeout,
            Progress = run.Tool.Progress == Roles.Settings.ToolProgress.None ? null : new Reports(run),
        };
        try
        {
            return ToolOutcome.Done(await run.Host.Page.RequestAsync(method, parameters, options, cancellation).ConfigureAwait(false));
        }
        catch (RpcException failure) when (failure.Code == RpcErrorCode.Cancelled)
        {
            // We told the page nothing (a cancel of ours ends the request here): its person did.
            return ToolOutcome.CancelledByPerson;
        }
        catch (RpcException failure)
        {
            var name = run.Tool.Name;
            return ToolOutcome.Fail(failure.Code switch
            {
                // Only a request that never left is known not to have been done.
                RpcErrorCode.Timeout when Waited(failure) == "room" => $"The page takes no messages, so {name} was not done.",
                RpcErrorCode.Timeout when Waited(failure) == "response" =>
                    $"It is unknown whether {name} was done: it did not answer within {timeout.TotalSeconds:0.#} seconds.",
                RpcErrorCode.Timeout => $"It is unknown whether {name} was done: the page does not answer.",
                RpcErrorCode.Disconnected => $"It is unknown whether {name} was done: the page is gone.",
                RpcErrorCode.PayloadTooLarge => $"{name} ended, but: {failure.Message}",
                RpcErrorCode.Duplicate => $"It is unknown whether {name} was done: the page was reloaded meanwhile.",
                RpcErrorCode.MethodNotFound => $"The page has no function {name}.",
                _ => $"{name} failed: {failure.Message}",
            });
        }
    }

    private static string? Waited(RpcException failure) =>
        failure.ErrorData.ValueKind == JsonValueKind.Object && failure.ErrorData.TryGetProperty("waitedFor", out var waited)
            ? waited.GetString()
            : null;

    private sealed class Reports(ToolRun run) : IProgress<JsonElement>
    {
        public void Report(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                run.Report(value.GetString(), null);
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                run.Report(
                    value.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
                        ? message.GetString()
                        : null,
                    value.TryGetProperty("percentage", out var percentage) && percentage.ValueKind == JsonValueKind.Number
                        && percentage.TryGetDouble(out var number)
                        ? Math.Clamp(number, 0, 100)
                        : null);
            }
        }
    }
}
