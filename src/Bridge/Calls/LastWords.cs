using System.Security.Cryptography;
using System.Text;
using Bridge.Signaling;

namespace Bridge.Calls;

/// <summary>
/// How the latest calls ended, for a page that was away meanwhile and still holds the resume token. Kept in memory for
/// ten minutes, as long as a tab keeps its token; the oldest goes first when there are many.
/// </summary>
internal sealed class LastWords(TimeProvider time)
{
    private const int MaxCalls = 1_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = [];

    /// <summary>Remembers the end of a call.</summary>
    /// <param name="token">Hash of a token that led into it; see <see cref="ResumeTokens.Hash"/>.</param>
    /// <param name="end">The message to the page.</param>
    public void Keep(string token, RecapReply end)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _entries.AddLast(new Entry(Encoding.ASCII.GetBytes(token), end, now + KeptFor));
            while (_entries.First is { } oldest && (_entries.Count > MaxCalls || oldest.Value.Until <= now))
            {
                _entries.RemoveFirst();
            }
        }
    }

    /// <summary>The end of the call whose token this is; null when nothing is known of it any more.</summary>
    public RecapReply? Find(string resumeToken)
    {
        var sought = Encoding.ASCII.GetBytes(ResumeTokens.Hash(resumeToken));
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return _entries.FirstOrDefault(e => e.Until > now && CryptographicOperations.FixedTimeEquals(e.Token, sought))?.End;
        }
    }

    private sealed record Entry(byte[] Token, RecapReply End, DateTimeOffset Until);
}
