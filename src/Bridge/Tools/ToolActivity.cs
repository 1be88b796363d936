namespace Bridge.Tools;

/// <summary>The message to the page about a tool: <c>tool/activity</c>.</summary>
/// <param name="CallId">The model's call_id.</param>
/// <param name="Name">The tool.</param>
/// <param name="Target">page, server, http, mcp or none.</param>
/// <param name="Phase">started, progress, done, failed or cancelled.</param>
/// <param name="Message">A sentence for people, or null.</param>
/// <param name="Percentage">0..100 when the tool says so.</param>
/// <param name="Label">The label of the tool, in the role's words for people, or null.</param>
internal readonly record struct ToolActivity(
    string CallId, string Name, string Target, string Phase, string? Message = null, double? Percentage = null, string? Label = null);
