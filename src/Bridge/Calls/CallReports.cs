using Bridge.Metrics;

namespace Bridge.Calls;

/// <summary>The troubles of a call for the operator: a count by code, and a line in the log.</summary>
internal sealed class CallReports(string callId, BridgeMetrics metrics, ILogger logger)
{
    /// <summary>Where the rest of the call's lines are written.</summary>
    public ILogger Logger => logger;

    /// <summary>A problem that the call lives through.</summary>
    /// <param name="code">Stable snake_case word.</param>
    /// <param name="sentence">For people; holds no content of the conversation and no secret.</param>
    public void Problem(string code, string sentence)
    {
        metrics.Problem(code);
        Log.CallProblem(logger, callId, code, sentence);
    }

    /// <summary>A defect that ends the call, or a release step of it.</summary>
    public void Failed(Exception defect) => Log.CallFailed(logger, callId, defect);

    /// <summary>A function call ended.</summary>
    public void ToolEnded(string target, string phase) => metrics.ToolEnded(target, phase);
}
