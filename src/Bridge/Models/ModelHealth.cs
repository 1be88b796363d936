using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Models;

/// <summary>
/// Whether the model's service is there: what became of the latest sessions, and whether its address answers at all. It is asked
/// without the key, and at most once in a while.
/// </summary>
internal sealed class ModelHealth(ModelDirectory models, IOptions<BridgeOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };
    private readonly Lock _gate = new();
    private Task<bool>? _answer;
    private DateTimeOffset _asked;
    private DateTimeOffset? _opened;
    private DateTimeOffset? _failed;

    /// <summary>When a session was opened last; null before the first.</summary>
    public DateTimeOffset? LastOpened
    {
        get
        {
            lock (_gate)
            {
                return _opened;
            }
        }
    }

    /// <summary>When a session could not be opened last; null when each could.</summary>
    public DateTimeOffset? LastFailed
    {
        get
        {
            lock (_gate)
            {
                return _failed;
            }
        }
    }

    /// <summary>A session was opened, or could not be.</summary>
    public void Told(bool opened)
    {
        lock (_gate)
        {
            if (opened)
            {
                _opened = time.GetUtcNow();
            }
            else
            {
                _failed = time.GetUtcNow();
            }
        }
    }

    /// <summary>True when the service's address answers, whatever it says. The rehearsal model is part of this process.</summary>
    public Task<bool> IsReachableAsync()
    {
        if (models.IsRehearsal)
        {
            return Task.FromResult(true);
        }

        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_answer is null || (_answer.IsCompleted && now - _asked > AskEvery))
            {
                (_answer, _asked) = (AskAsync(), now);
            }

            return _answer;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<bool> AskAsync()
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, options.Value.OpenAi.BaseUrl);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
            return true;
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            return false;
        }
    }
}
