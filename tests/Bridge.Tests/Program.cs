using Bridge.Tests.Tools;
using Xunit.Runner.InProc.SystemConsole;

namespace Bridge.Tests;

/// <summary>Runs the tests; with <c>mcp-server</c> this program is an MCP server instead, for a test that starts one.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is [OfficialMcpServer.Argument] ? OfficialMcpServer.RunAsync() : ConsoleRunner.Run(args);
}
