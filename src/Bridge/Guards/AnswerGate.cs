using System.Threading.Channels;
using Bridge.Realtime.Model;

namespace Bridge.Guards;

/// <summary>
/// Stands between a model session and its call: the events of responses pass in order, words and audio once the role's guard
/// has judged them. Everything else (the person's speech above all) passes at once. A role without a guard costs nothing.
/// </summary>
/// <param name="guard">Judges.</param>
/// <param name="pass">Takes what may go on.</param>
/// <param name="block">Is told a response of which nothing more is heard, and why.</param>
internal sealed class AnswerGate(IAnswerGuard guard, Func<ModelEvent, ValueTask> pass, Func<string, string, ValueTask> block)
{
    // Several answers of the longest kind. A service that sends more waits for its judge.
    private const int MaxWaiting = 8_192;
    private const string Unheard = "an answer came without its words, so that nothing could be judged";

    // An answer that needs no web hook passes on the session's own thread, in the order of its events.
    private readonly Channel<ModelEvent> _waiting = Channel.CreateBounded<ModelEvent>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });

    private readonly Dictionary<string, GuardedMessage> _messages = new(StringComparer.Ordinal);
    private readonly HashSet<string> _blocked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unjudged = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>An event of the session, in its order.</summary>
    public ValueTask OfferAsync(ModelEvent what, CancellationToken cancellation)
    {
        if (!IsOfResponse(what) || (guard.Settings is null && Volatile.Read(ref _count) == 0))
        {
            return pass(what);
        }

        Interlocked.Increment(ref _count);
        return _waiting.Writer.WriteAsync(what, cancellation);
    }

    /// <summary>No more events follow: <see cref="RunAsync"/> ends when all have passed.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>Judges until the session is over.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var what in _waiting.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                await TakeAsync(what, cancellation).ConfigureAwait(false);
                Interlocked.Decrement(ref _count);
            }
        }
        catch (Exception defect)
        {
            // A session that offers more is told, in place of waiting for a judge who is gone.
            _waiting.Writer.TryComplete(defect);
            throw;
        }
    }

    private static bool IsOfResponse(ModelEvent what) =>
        what is ModelEvent.ResponseCreated || (what is not ModelEvent.Unknown && what.ResponseOf() is not null);

    private ValueTask TakeAsync(ModelEvent what, CancellationToken cancellation)
    {
        switch (what)
        {
            case ModelEvent.ResponseCreated { Tag: { } tag } created
                when tag.StartsWith(ResponseSettings.SummaryTag, StringComparison.Ordinal)
                    || tag.StartsWith(ResponseSettings.OutcomeTag, StringComparison.Ordinal):
                // Nobody hears it.
                _unjudged.Add(created.ResponseId);
                return pass(what);
            case ModelEvent.AudioDelta(var response, var item, _, _):
                return AudioAsync(response, item, what);
            case ModelEvent.AudioDone(var response, var item, _):
                return AudioAsync(response, item, what);
            case ModelEvent.AudioTranscriptDelta(var response, var item, _, var text):
                return WordsAsync(response, item, what, text, all: false, cancellation);
            case ModelEvent.TextDelta(var response, var item, _, var text):
                return WordsAsync(response, item, what, text, all: false, cancellation);
            case ModelEvent.AudioTranscriptDone(var response, var item, _, var text):
                return WordsAsync(response, item, what, text, all: true, cancellation);
            case ModelEvent.TextDone(var response, var item, _, var text):
                return WordsAsync(response, item, what, text, all: true, cancellation);
            case ModelEvent.OutputItemDone done when done.Item.Kind == ModelItemKind.AgentMessage:
                return ItemDoneAsync(done, cancellation);
            case ModelEvent.ResponseDone done:
                return ResponseDoneAsync(done, cancellation);
            default:
                return pass(what);
        }
    }

    private ValueTask AudioAsync(string response, string item, ModelEvent audio)
    {
        if (_blocked.Contains(response))
        {
            return default;
        }

        var message = MessageOf(response, item);
        message.AddAudio(audio);
        return ReleaseAsync(message, passed: false);
    }

    /// <param name="response">Theirs.</param>
    /// <param name="item">Their message.</param>
    /// <param name="what">The event.</param>
    /// <param name="text">More words, or all of them.</param>
    /// <param name="all">All of them.</param>
    /// <param name="cancellation">The call is over.</param>
    private ValueTask WordsAsync(string response, string item, ModelEvent what, string text, bool all, CancellationToken cancellation)
    {
        if (_unjudged.Contains(response))
        {
            return pass(what);
        }

        if (_blocked.Contains(response))
        {
            return default;
        }

        var message = MessageOf(response, item);
        if (all)
        {
            message.EndWords(what, text);
        }
        else
        {
            message.AddWords(what, text);
        }

        // Patterns cost little; a web hook is asked sentence by sentence.
        return guard.Settings?.Hook is null || message.EndsSentence ? JudgeAsync(message, cancellation) : default;
    }

    private async ValueTask ItemDoneAsync(ModelEvent.OutputItemDone done, CancellationToken cancellation)
    {
        if (_messages.TryGetValue(done.Item.Id, out var message))
        {
            await EndAsync(message, done.Item.Text, cancellation).ConfigureAwait(false);
        }

        await pass(_blocked.Contains(done.ResponseId) ? done with { Item = done.Item with { Text = "" } } : done).ConfigureAwait(false);
    }

    private async ValueTask ResponseDoneAsync(ModelEvent.ResponseDone done, CancellationToken cancellation)
    {
        var judged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, message) in _messages.Where(entry => entry.Value.ResponseId == done.ResponseId).ToList())
        {
            await EndAsync(message, done.Output.FirstOrDefault(item => item.Id == id)?.Text, cancellation).ConfigureAwait(false);
            _messages.Remove(id);
            judged.Add(id);
        }

        var blocked = _blocked.Remove(done.ResponseId);
        if (!_unjudged.Remove(done.ResponseId) && guard.Settings is { } settings)
        {
            var output = new List<ModelItem>(done.Output.Count);
            foreach (var item in done.Output)
            {
                output.Add(item.Kind == ModelItemKind.AgentMessage && item.Text is { Length: > 0 } text
                    && (blocked || !judged.Contains(item.Id)
                    && !(await guard.JudgeAsync(text, whole: true, cancellation).ConfigureAwait(false)).Allowed)
                        ? item with { Text = settings.Say }
                        : item);
            }

            done = done with { Output = output };
        }

        await pass(done).ConfigureAwait(false);
    }

    // The message is over, whether or not its words were said to be.
    private ValueTask EndAsync(GuardedMessage message, string? text, CancellationToken cancellation)
    {
        if (_blocked.Contains(message.ResponseId) || message is { IsWhole: true, IsUnjudged: false })
        {
            return default;
        }

        message.EndWords(done: null, text is { Length: > 0 } ? text : null);
        return message.HasAudio && message.Text.Length == 0 ? BlockAsync(message.ResponseId, Unheard) : JudgeAsync(message, cancellation);
    }

    private async ValueTask JudgeAsync(GuardedMessage message, CancellationToken cancellation)
    {
        var verdict = await guard.JudgeAsync(message.Text, message.IsWhole, cancellation).ConfigureAwait(false);
        if (verdict.Allowed)
        {
            message.Pass();
            await ReleaseAsync(message, passed: true).ConfigureAwait(false);
        }
        else
        {
            await BlockAsync(message.ResponseId, verdict.Reason).ConfigureAwait(false);
        }
    }

    private ValueTask BlockAsync(string response, string reason)
    {
        _blocked.Add(response);
        return block(response, reason);
    }

    private async ValueTask ReleaseAsync(GuardedMessage message, bool passed)
    {
        while (message.Take(passed) is { } next)
        {
            await pass(next).ConfigureAwait(false);
        }
    }

    private GuardedMessage MessageOf(string response, string item)
    {
        if (!_messages.TryGetValue(item, out var message))
        {
            _messages[item] = message = new GuardedMessage(response);
        }

        return message;
    }
}
