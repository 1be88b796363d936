using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Bridge.Tests.Tools;

/// <summary>An MCP server over standard input and output, made with the official package.</summary>
internal static class OfficialMcpServer
{
    public const string Argument = "mcp-server";

    public static async Task<int> RunAsync()
    {
        await using var transport = new StdioServerTransport("shop");
        await using var server = McpServer.Create(transport, new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "shop", Version = "1" },
            ToolCollection =
            [
                McpServerTool.Create(Stock, new McpServerToolCreateOptions { Name = "stock", Description = "Stock of an article." }),
                McpServerTool.Create(
                    () => Environment.GetEnvironmentVariable("TOKEN") ?? "none", new McpServerToolCreateOptions { Name = "who.am.i" }),
                McpServerTool.Create(
                    string () => throw new McpException("The stock is being counted."), new McpServerToolCreateOptions { Name = "count" }),
                McpServerTool.Create(() => "hidden", new McpServerToolCreateOptions { Name = "hidden" }),
            ],
        });
        await server.RunAsync();
        return 0;
    }

    private static string Stock([Description("The article.")] string sku, IProgress<ProgressNotificationValue> progress)
    {
        progress.Report(new ProgressNotificationValue { Progress = 1, Total = 2, Message = "looking" });
        return $"{sku}: 3 left";
    }
}
