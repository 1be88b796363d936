using ModelContextProtocol.Client;

namespace Bridge.Tools;

/// <summary>
/// The last lines that an MCP server's program wrote to its standard error, for the log: why it ended, when it did. Bounded, without
/// control characters, and without the secrets that the program was given.
/// </summary>
internal sealed class McpLastLines(IReadOnlyCollection<string> secrets)
{
    private const int MaxLines = 5;
    private const int MaxLine = 200;

    // A program's end is known some milliseconds after its pipe has closed.
    private static readonly TimeSpan EndKnown = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    /// <summary>A line of the program; raised on a thread of its own.</summary>
    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        foreach (var secret in secrets.Where(secret => secret.Length > 0))
        {
            line = line.Replace(secret, "***", StringComparison.Ordinal);
        }

        var printable = string.Concat(line.Where(c => !char.IsControl(c)));
        lock (_gate)
        {
            _lines.Enqueue(printable.Length > MaxLine ? printable[..MaxLine] + "..." : printable);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>How the program ended; null when it runs.</summary>
    /// <param name="failure">The exception that its use ended in; null: none.</param>
    /// <param name="client">The connection; null when it never opened.</param>
    public async Task<string?> EndAsync(Exception? failure, McpClient? client)
    {
        int? code = null;
        if (client is not null)
        {
            try
            {
                if (await client.Completion.WaitAsync(EndKnown).ConfigureAwait(false) is not StdioClientCompletionDetails details)
                {
                    return null;
                }

                code = details.ExitCode;
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
        else if (failure is not IOException)
        {
            return null;
        }

        return (code is null ? "its program ended" : $"its program ended with exit code {code}") + Told();
    }

    private string Told()
    {
        lock (_gate)
        {
            return _lines.Count == 0 ? "" : $"; its last lines: {string.Join(" / ", _lines)}";
        }
    }
}
