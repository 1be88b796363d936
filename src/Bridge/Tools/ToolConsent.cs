using System.Text.Json;
using Bridge.Rpc;

namespace Bridge.Tools;

/// <summary>The caller's word on the page before a tool runs (<c>confirm: page</c>): <c>tool/confirm</c>, a minute at most.</summary>
internal static class ToolConsent
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Asks; null when the tool may run. Without a word of the caller's, on the page or aloud, it is not done.</summary>
    public static async Task<ToolOutcome?> RefusalAsync(ToolRun run, SpokenConsent spoken, CancellationToken cancellation)
    {
        if (!run.Tool.Confirm)
        {
            return null;
        }

        var name = run.Tool.Name;

        // An id of its own: the question is settled before the call is asked, and both outlive a reload.
        var options = new RpcRequestOptions { CallId = $"{run.CallId}.confirm", AckDeadline = Patience, ResponseDeadline = Patience };
        using var question = spoken.Ask(name);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, question.Answered);
        try
        {
            var answer = await run.Host.Page.RequestAsync(
                "tool/confirm",
                new { name, label = run.Tool.Label, arguments = run.Arguments },
                options,
                either.Token).ConfigureAwait(false);
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("approved", out var approved)
                && approved.ValueKind == JsonValueKind.True
                ? null
                : Refused(name);
        }
        catch (Exception over) when (question.Approved is { } approved && !cancellation.IsCancellationRequested
            && over is OperationCanceledException or RpcException { Code: RpcErrorCode.Cancelled })
        {
            return approved ? null : Refused(name);
        }
        catch (RpcException failure)
        {
            return failure.Code switch
            {
                RpcErrorCode.Cancelled => ToolOutcome.CancelledByPerson,
                RpcErrorCode.Timeout =>
                    ToolOutcome.Fail($"The caller did not answer within a minute whether {name} may be done, so it was not done."),
                RpcErrorCode.MethodNotFound => ToolOutcome.Fail($"The page can't ask the caller, so {name} was not done."),
                _ => ToolOutcome.Fail($"The caller could not be asked whether {name} may be done, so it was not done."),
            };
        }
    }

    private static ToolOutcome Refused(string name) => ToolOutcome.Fail($"The caller did not allow {name}, so it was not done.");
}
