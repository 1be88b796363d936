using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// The service asks a remote MCP server for its tools as soon as a session names one. A rehearsal reaches no server, and
/// says so as the service does of one that does not answer.
/// </summary>
internal sealed class RemoteTools(RehearsalIds ids, ServerEvents events, SessionTimers timers, ConversationItems conversation)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(200);
    private readonly HashSet<string> _servers = [];

    /// <summary>Lists the tools of servers that were not named before; <paramref name="tools"/> is the session's array, or null.</summary>
    public void List(TimeSpan now, JsonElement? tools)
    {
        foreach (var tool in tools?.EnumerateArray() ?? default)
        {
            if (JsonText.Of(tool, "type") != "mcp" || JsonText.Of(tool, "server_label") is not { } label || !_servers.Add(label))
            {
                continue;
            }

            var item = new RehearsalItem
            {
                Id = ids.Next("mcpl"),
                Type = "mcp_list_tools",
                Raw = JsonSerializer.SerializeToElement(
                    new { type = "mcp_list_tools", server_label = label, tools = Array.Empty<object>() }),
            };
            conversation.Begin(item);
            Write("mcp_list_tools.in_progress"u8, item);
            timers.Add(now + Timeout, _ => Write("mcp_list_tools.failed"u8, item));
        }
    }

    private void Write(ReadOnlySpan<byte> type, RehearsalItem item)
    {
        events.Begin(type).WriteString("item_id"u8, item.Id);
        events.End();
    }
}
