using System.Text;
using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Rpc;
using Bridge.Signaling;
using Bridge.Tools;

namespace Bridge.Calls;

/// <summary>The messages to a call's page: notifications (docs/rpc.md), and what a page that comes back is told again.</summary>
internal sealed class PageView(RpcPeer rpc, CallIdentity identity)
{
    // Half of a message: the rest is for what else hello answers, and for ports that take less.
    private const int RetoldBytes = 128 * 1024;

    // More than a page is ever told again: the whole conversation is in the log.
    private const int MaxKeptCharacters = 256 * 1024;
    private const int LineOverhead = 200;
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (ShownLine Line, int Length)> _transcript = [];
    private readonly List<string> _transcriptOrder = [];
    private readonly Lock _gate = new();
    private int _kept;
    private bool _keptAll = true;
    private string _state = "connecting";

    /// <summary>The answer to <c>page/hello</c>.</summary>
    /// <param name="role">The role of the moment.</param>
    /// <param name="refusedTools">Tools of the role and of the page that are left out, and why.</param>
    /// <param name="recording">See <see cref="ShowRecording"/>.</param>
    public object Hello(Role role, IReadOnlyList<ToolRefusal> refusedTools, string recording)
    {
        var transcript = Latest(out var earlier);
        return new
        {
            callId = identity.Id, role = Info(role), model = identity.Model, state = _state, transcript, earlier, refusedTools, recording,
        };
    }

    /// <summary>The transcript of a call that goes on after its host crashed: a page that comes back is told it.</summary>
    public void Restore(ConversationLog conversation)
    {
        string? before = null;
        foreach (var item in conversation.Items)
        {
            var text = item.Text + item.UnheardText;
            if (item.Kind is ModelItemKind.UserMessage or ModelItemKind.AgentMessage && text.Length > 0)
            {
                Keep(new TranscriptLine(
                    item.Id, before, item.Kind == ModelItemKind.UserMessage ? Speaker.User : Speaker.Agent, text, Final: true, item.Interrupted, item.Text.Length));
            }

            before = item.Id;
        }
    }

    /// <summary>Another host has led the call until now, and left it between two turns.</summary>
    public void GoOn(ConversationLog conversation)
    {
        Restore(conversation);
        _state = "listening";
    }

    public void ShowInfo(Role role) => rpc.Notify("call/info", new { callId = identity.Id, role = Info(role), model = identity.Model });

    public void ShowState(CallState state)
    {
        _state = JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
        rpc.Notify("call/state", new { state = _state });
    }

    /// <summary>False where the path is narrow at this moment: what will be told again anyhow is then left out.</summary>
    public Func<bool> MayTellMore { get; set; } = () => true;

    public void ShowTranscript(TranscriptLine line)
    {
        var shown = Keep(line);
        if (line.Final || MayTellMore())
        {
            rpc.Notify("call/transcript", shown);
        }
    }

    public void WithdrawTranscript(string itemId)
    {
        lock (_gate)
        {
            Forget(itemId);
        }

        rpc.Notify("call/transcript", new { itemId, withdrawn = true });
    }

    /// <summary>The caller pressed a key of a telephone keypad.</summary>
    public void ShowDigit(char digit) => rpc.Notify("call/dtmf", new { digit = digit.ToString() });

    /// <summary>A budget of money or time comes to its end.</summary>
    public void ShowNotice(string kind, string text) => rpc.Notify("call/notice", new { kind, text });

    public void ShowRecap(string markdown) => rpc.Notify("call/recap", new { markdown });

    public void ShowNote(CallNote note) => rpc.Notify("call/note", new { id = note.Id, title = note.Title, text = note.Text });

    /// <summary>A line for an answer that takes long; null: it is there, or nothing is waited for any more.</summary>
    public void ShowWaiting(string? words) => rpc.Notify("call/waiting", new { words });

    /// <summary>Something that the page's developer should see, and that the call goes on without.</summary>
    public void ShowProblem(string code, string message) => rpc.Notify("call/problem", new { code, message });

    public void ShowTool(ToolActivity activity) => rpc.Notify("tool/activity", activity);

    public void ShowMetrics(object? timings)
    {
        if (timings is not null && MayTellMore())
        {
            rpc.Notify("call/metrics", timings);
        }
    }

    /// <summary>One step between host and model; only a page that asked for them is told.</summary>
    public void ShowModelStep(ModelStep step) => rpc.Notify("call/event", step);

    /// <summary>Whether the sound of the call is kept: a <see cref="RecordingState"/> in lower case.</summary>
    public void ShowRecording(string state) => rpc.Notify("call/recording", new { state });

    /// <summary>The call is on the page's other connection from now on.</summary>
    public void TellMoved() => rpc.Notify("call/moved", new { });

    /// <summary>Asks the page how much it has played.</summary>
    public void AskPlayout() => rpc.Notify("call/playout", new { });

    /// <summary>
    /// Tells the page that the call is over and waits until it knows: the channel is ordered, so that its answer also
    /// proves the recap's arrival.
    /// </summary>
    public async Task EndAsync(string reason, TimeProvider time)
    {
        try
        {
            // A clock of its own: the RPC's deadlines stand still while the path is interrupted.
            using var patience = new CancellationTokenSource(GoodbyeTime, time);
            await rpc.RequestAsync("call/ended", new { reason }, cancellation: patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page did not answer in time; it is told by the hub, too.
        }
        catch (RpcException gone) when (gone.Code is RpcErrorCode.Disconnected or RpcErrorCode.Timeout or RpcErrorCode.MethodNotFound or RpcErrorCode.Cancelled)
        {
            // It closed its connection on hearing the word, or is not there to hear it.
        }
    }

    private void Forget(string itemId)
    {
        if (_transcript.Remove(itemId, out var line))
        {
            _kept -= line.Length;
            _transcriptOrder.Remove(itemId);
        }
    }

    private ShownLine Keep(TranscriptLine line)
    {
        var speaker = line.Speaker == Speaker.User ? "user" : "agent";
        var shown = new ShownLine(line.ItemId, line.PreviousItemId, speaker, line.Text, line.Final, line.Interrupted, line.HeardLength);
        lock (_gate)
        {
            if (_transcript.TryGetValue(line.ItemId, out var before))
            {
                _kept -= before.Length;
            }
            else
            {
                _transcriptOrder.Add(line.ItemId);
            }

            var length = line.Text.Length + line.ItemId.Length + LineOverhead;
            _transcript[line.ItemId] = (shown, length);
            _kept += length;
            while (_kept > MaxKeptCharacters && _transcriptOrder.Count > 1)
            {
                Forget(_transcriptOrder[0]);
                _keptAll = false;
            }
        }

        return shown;
    }

    /// <summary>The public part of a role.</summary>
    public static RoleInfo Info(Role role) => new(role.Slug, role.Name, role.Emoji, role.Page is not null, role.Images)
    {
        FullDuplex = role.Model.IsLive,
    };

    // As many of the last lines as fit into one message; whether there were earlier ones.
    private List<JsonElement> Latest(out bool earlier)
    {
        var lines = new List<JsonElement>();
        lock (_gate)
        {
            var room = RetoldBytes;
            for (var i = _transcriptOrder.Count - 1; i >= 0; i--)
            {
                var line = JsonSerializer.SerializeToElement(_transcript[_transcriptOrder[i]].Line, JsonSerializerOptions.Web);
                room -= Encoding.UTF8.GetByteCount(line.GetRawText());
                if (room < 0)
                {
                    break;
                }

                lines.Add(line);
            }

            earlier = !_keptAll || lines.Count < _transcriptOrder.Count;
        }

        lines.Reverse();
        return lines;
    }

    /// <summary><c>call/transcript</c> (docs/rpc.md).</summary>
    private sealed record ShownLine(string ItemId, string? PreviousItemId, string Speaker, string Text, bool Final, bool Interrupted, int Heard);
}
