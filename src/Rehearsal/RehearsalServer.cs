using System.Collections.Concurrent;
using System.Net.WebSockets;
using Bridge.Rehearsal.Live;
using Bridge.Rehearsal.Text;
using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>
/// The rehearsal model behind WebSockets that the host has accepted (subprotocol <c>realtime</c> when offered):
/// a strict local stand-in for OpenAI's Realtime and Live services.
/// </summary>
public sealed class RehearsalServer
{
    // The service's sessions live as long.
    private static readonly TimeSpan SessionCap = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan LiveSessionCap = TimeSpan.FromHours(2);
    private const string LiveServer = "live";
    private const string LiveModels = "gpt-live-";

    private readonly RehearsalOptions _options;
    private readonly SpeechCache _voice;
    private readonly ConcurrentDictionary<RehearsalConnection, bool> _connections = new();
    private readonly TextRehearsal _text;
    private readonly Lock _texts = new();
    private RehearsalFaults _faults;

    /// <summary>Creates the server.</summary>
    public RehearsalServer(RehearsalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _faults = options.Faults;
        _voice = new SpeechCache(options.Voice);
        _text = new TextRehearsal(options.Scripts, (ulong)Random.Shared.NextInt64()) { Faults = options.Faults };
    }

    /// <summary>Faults of all running and coming sessions.</summary>
    public RehearsalFaults Faults
    {
        get => _faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _faults = value;
            lock (_texts)
            {
                _text.Faults = value;
            }

            foreach (var connection in _connections.Keys)
            {
                connection.Change(value);
            }
        }
    }

    /// <summary>Names of the servers that can be played beside OpenAI's (<see cref="RehearsalOptions.As"/>).</summary>
    public static IReadOnlyCollection<string> Guises { get; } = [.. ServerGuise.Names, LiveServer];

    /// <summary>True when the server that is played has the Live protocol: OpenAI and Azure.</summary>
    public bool ServesLive => _options.As is null or LiveServer or "azure";

    /// <summary>Clock of the sessions.</summary>
    internal TimeProvider Time => _options.Time;

    /// <summary>Number of running sessions.</summary>
    public int Sessions => _connections.Count;

    /// <summary>Lines the voice could not speak, and <see cref="SyntheticVoice"/> spoke instead.</summary>
    public int VoiceFailures => _voice.Failures;

    /// <summary>
    /// Refuses a client that asks for the beta protocol (header <c>OpenAI-Beta</c>, subprotocol <c>openai-beta.*</c>) as the
    /// service does since May 2026: one <c>error</c> event, then close 4000.
    /// </summary>
    public static Task RefuseBetaAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return RehearsalConnection.RefuseAsync(socket, ServiceError.BetaShape(), cancellationToken);
    }

    /// <summary>
    /// Runs one session until the client closes, the session ends or <paramref name="cancellationToken"/> fires
    /// (then the client gets a close frame, 1001). Never throws because of what the client does.
    /// </summary>
    /// <param name="socket">An open WebSocket; not disposed here.</param>
    /// <param name="model">The <c>model</c> query parameter.</param>
    /// <param name="cancellationToken">Host shutdown.</param>
    public async Task RunAsync(WebSocket socket, string model, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(model);
        if (_options.As == LiveServer || model.StartsWith(LiveModels, StringComparison.Ordinal))
        {
            await RehearsalConnection.RefuseAsync(socket, LiveErrors.WrongProtocol(model), cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_options.Scripts(model) is not { } script)
        {
            await RehearsalConnection.RefuseAsync(socket, ServiceError.NoSuchModel(model), cancellationToken).ConfigureAwait(false);
            return;
        }

        var session = new RehearsalSession(
            model,
            script,
            EnergySpeech.Create(),
            _faults,
            SessionCap,
            (ulong)Random.Shared.NextInt64());
        var connection = new RehearsalConnection(socket, session, _voice, _options.Time, _options.SendTimeout)
        {
            Edited = _options.Edits(model),
            Guise = _options.As is { } name ? new ServerGuise(name) : null,
        };
        if (_options.As is { } one && ServerGuise.TakesOneSession(one) && !_connections.IsEmpty)
        {
            await connection.RefuseSecondAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await RunAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs one session of the Live protocol (<c>/v1/live/sessions</c>), as <see cref="RunAsync(WebSocket, string, CancellationToken)"/>
    /// does for Realtime. Its model is named by the client's first event.
    /// </summary>
    /// <param name="socket">An open WebSocket; not disposed here.</param>
    /// <param name="cancellationToken">Host shutdown.</param>
    public Task RunLiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var session = new LiveRehearsalSession(
            _options.Scripts, EnergySpeech.Create(), _faults, LiveSessionCap, (ulong)Random.Shared.NextInt64());
        Func<RehearsalScript, RehearsalScript>? edits = null;
        return RunAsync(
            new RehearsalConnection(socket, session, _voice, _options.Time, _options.SendTimeout)
            {
                Edited = script => session.Model is { } model ? (edits ??= _options.Edits(model))(script) : script,
            },
            cancellationToken);
    }

    /// <summary>Answers a request of Chat Completions.</summary>
    internal TextAnswer Chat(ReadOnlyMemory<byte> request)
    {
        lock (_texts)
        {
            return _text.Chat(request, Time.GetUtcNow());
        }
    }

    /// <summary>Answers a request of Responses.</summary>
    internal TextAnswer Respond(ReadOnlyMemory<byte> request)
    {
        lock (_texts)
        {
            return _text.Respond(request, Time.GetUtcNow());
        }
    }

    private async Task RunAsync(RehearsalConnection connection, CancellationToken cancellationToken)
    {
        _connections.TryAdd(connection, true);
        try
        {
            await connection.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
