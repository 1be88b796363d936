using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Store;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>What a call leaves behind. A note is on disk before the tool that saved it answers; the rest when the call ends.</summary>
internal sealed class CallRecorder : IDisposable
{
    private readonly CallIdentity _identity;
    private readonly CallRole _role;
    private readonly CallCosts _costs;
    private readonly ICallStore _store;
    private readonly HostClock _clock;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly List<CallNote> _notes = [];
    private bool _closed;

    public CallRecorder(CallIdentity identity, CallRole role, CallCosts costs, ICallStore store, HostClock clock, ILogger logger)
    {
        _identity = identity;
        _role = role;
        _costs = costs;
        _store = store;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>The recap, once there is one.</summary>
    public string? Recap { get; set; }

    /// <summary>Keeps a note: it is written when this returns.</summary>
    /// <exception cref="IOException">It could not be written, and is not kept.</exception>
    public async Task SaveAsync(CallNote note, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_closed)
            {
                throw new IOException("The call is over.");
            }

            // The same function call saves the same note, however often it is asked.
            List<CallNote> notes = [.. _notes.Where(n => n.Id != note.Id), note];
            await _store.SaveAsync(Record(notes, null, null, null), cancellation).ConfigureAwait(false);
            _notes.Clear();
            _notes.AddRange(notes);
        }
        catch (IOException failure)
        {
            Log.CallNotStored(_logger, _identity.Id, failure);
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Writes the whole record of the ended call; a failure is logged.</summary>
    public async Task CloseAsync(string reason, ConversationLog conversation)
    {
        using var log = JsonDocument.Parse(conversation.ToJson());
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            _closed = true;
            await _store.SaveAsync(Record(_notes, reason, _clock.UtcNow, log.RootElement), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            Log.CallNotStored(_logger, _identity.Id, failure);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private CallRecord Record(IReadOnlyList<CallNote> notes, string? reason, DateTimeOffset? ended, JsonElement? conversation) => new(
        _identity.Id, _role.Current.Slug, _identity.Model.Name, _identity.Started, ended, reason, Recap, [.. notes], _costs.Usage, _costs.Cost, conversation);
}
