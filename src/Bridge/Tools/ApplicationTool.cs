using System.Text.Json;

namespace Bridge.Tools;

/// <summary>One function of the application.</summary>
/// <param name="Description">For the model; may be empty.</param>
/// <param name="Parameters">JSON Schema of its arguments.</param>
/// <param name="Run">Runs it with arguments that fit the schema.</param>
internal sealed record ApplicationTool(string Description, JsonElement Parameters, Func<JsonElement, ToolContext, ValueTask<object?>> Run)
{
    /// <summary>Runs the function that a tool run names, with services of its own scope.</summary>
    public static async Task<ToolOutcome> RunAsync(ToolRun run, CancellationToken cancellation)
    {
        if (!run.Services.Application.TryFind(run.Tool.Name, out var tool))
        {
            return ToolOutcome.Fail($"This application has no function {run.Tool.Name}.");
        }

        var scope = run.Services.CreateScope();
        await using var _ = scope.ConfigureAwait(false);
        try
        {
            run.Begun = true;
            var result = await tool.Run(run.Arguments, new ToolContext(run, scope.ServiceProvider, cancellation)).ConfigureAwait(false);
            return ToolOutcome.Done(result ?? new { done = true });
        }
        catch (ToolException told)
        {
            return ToolOutcome.Fail(told.Message);
        }
    }
}
