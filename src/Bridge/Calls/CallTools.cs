using System.Collections.Concurrent;
using System.Text.Json;
using Bridge.Realtime;
using Bridge.Roles;
using Bridge.Rpc;

namespace Bridge.Calls;

/// <summary>The function calls of one call: carried to the page or done here, never in the call's own loop.</summary>
internal sealed class CallTools : IDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = [];
    private readonly Call _call;
    private IReadOnlyList<ToolDeclaration> _registered = [];

    public CallTools(Call call) => _call = call;

    /// <summary>The role's tools, then the page's that the role does not name itself.</summary>
    public IReadOnlyList<ToolDeclaration> Declared =>
        [.. _call.Role.Tools, .. _registered.Where(p => _call.Role.Tools.All(r => r.Name != p.Name))];

    /// <summary>Takes the page's tools; true when that changes what the model may call.</summary>
    public bool Register(IReadOnlyList<ToolDeclaration> tools)
    {
        var before = Declared.Select(t => t.Name).ToList();
        _registered = tools;
        return !Declared.Select(t => t.Name).SequenceEqual(before);
    }

    /// <summary>Runs a tool; its result arrives in the call's mailbox.</summary>
    public void Invoke(string callId, string name, string argumentsJson)
    {
        var cancellation = new CancellationTokenSource();
        _running[callId] = cancellation;
        _ = Task.Run(() => RunAsync(callId, name, argumentsJson, cancellation));
    }

    /// <summary>Stops a tool whose result nobody waits for any more.</summary>
    public void Cancel(string callId)
    {
        if (_running.TryRemove(callId, out var cancellation))
        {
            cancellation.Cancel();
        }
    }

    public void Dispose()
    {
        foreach (var callId in _running.Keys)
        {
            Cancel(callId);
        }
    }

    private async Task RunAsync(string callId, string name, string argumentsJson, CancellationTokenSource cancellation)
    {
        var tool = Declared.FirstOrDefault(t => t.Name == name);
        var target = tool?.Target.ToString().ToLowerInvariant() ?? "none";
        _call.Page.ShowTool(callId, name, target, "started");
        string output;
        var failed = false;
        try
        {
            output = await DispatchAsync(callId, name, argumentsJson, tool, cancellation.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _call.Page.ShowTool(callId, name, target, "cancelled");
            return;
        }
        catch (RpcException failure)
        {
            failed = true;
            output = Error(failure.Message);
        }
        catch (JsonException)
        {
            failed = true;
            output = Error("The arguments are no JSON object.");
        }
        finally
        {
            if (_running.TryRemove(callId, out _))
            {
                cancellation.Dispose();
            }
        }

        _call.Page.ShowTool(callId, name, target, failed ? "failed" : "done");
        await _call.PostAsync(new TurnInput.ToolCompleted(callId, output, failed)).ConfigureAwait(false);
    }

    private async Task<string> DispatchAsync(string callId, string name, string argumentsJson, ToolDeclaration? tool, CancellationToken cancellation)
    {
        using var arguments = JsonDocument.Parse(string.IsNullOrWhiteSpace(argumentsJson) ? "{}" : argumentsJson);
        var options = new RpcCallOptions { CallId = callId, ResponseDeadline = tool?.Timeout };
        switch (tool)
        {
            case { Target: ToolTarget.Page }:
                var result = await _call.Page.Rpc.RequestAsync(
                    "tool/call", new { callId, name, arguments = arguments.RootElement }, options, cancellation).ConfigureAwait(false);
                return result.ValueKind == JsonValueKind.Undefined ? "null" : result.GetRawText();
            case { Target: ToolTarget.Server, Name: "show" }:
                await _call.Page.Rpc.RequestAsync("stage/show", Shown(callId, arguments.RootElement), options, cancellation).ConfigureAwait(false);
                return """{"shown":true}""";
            case { Target: ToolTarget.Server, Name: "save" }:
                var note = _call.Save(
                    arguments.RootElement.TryGetProperty("title", out var title) ? title.GetString() : null,
                    arguments.RootElement.GetProperty("text").GetString() ?? "",
                    arguments.RootElement.TryGetProperty("data", out var data) ? data.Clone() : null);
                return JsonSerializer.Serialize(new { saved = true, id = note.Id });
            case { Target: ToolTarget.Server, Name: "end_call" }:
                await _call.PostAsync(new TurnInput.HangUpRequested("end_call")).ConfigureAwait(false);
                return """{"ending":true}""";
            case null:
                return Error($"There is no tool {name}.");
            default:
                return Error($"The tool {name} is not available in this call.");
        }
    }

    private static object Shown(string callId, JsonElement arguments) => new
    {
        callId,
        id = callId,
        kind = arguments.TryGetProperty("card", out _) ? "card" : "markdown",
        title = arguments.TryGetProperty("title", out var title) ? title : default(JsonElement?),
        markdown = arguments.TryGetProperty("markdown", out var markdown) ? markdown : default(JsonElement?),
        card = arguments.TryGetProperty("card", out var card) ? card : default(JsonElement?),
    };

    private static string Error(string sentence) => JsonSerializer.Serialize(new { error = sentence });
}
