namespace Bridge.Tools;

/// <summary>A tool that is left out because it can not be used.</summary>
/// <param name="Name">The tool's name; what stood in its place when it is no name, cut to 64 characters.</param>
/// <param name="Message">A sentence that says why.</param>
internal sealed record ToolRefusal(string Name, string Message);
