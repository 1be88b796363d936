namespace Bridge.Rpc.Tests;

/// <summary>The call as a once-only handler of the page's stand-in knows it, whichever request waits for it.</summary>
internal sealed class OnceContext
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource<object?>> _waiting = [];
    private volatile RpcContext _request;
    private Task<object?>? _result;

    public OnceContext(string callId, RpcContext request)
    {
        var source = new CancellationTokenSource();
        CallId = callId;
        CancellationToken = source.Token;
        Cancel = source.Cancel;
        _request = request;
    }

    public string CallId { get; }

    public RpcPeer Peer => _request.Peer;

    public CancellationToken CancellationToken { get; }

    public Action Cancel { get; }

    public bool WantsProgress => _request.WantsProgress;

    public bool Report(object? value) => _request.Report(value);

    /// <summary>
    /// The latest request that waits for the run gets its progress; all of them get the result, on the thread that ends it.
    /// </summary>
    public Task<object?> Join(RpcContext request)
    {
        request.CancellationToken.Register(Cancel);
        lock (_gate)
        {
            _request = request;
            if (_result is not null)
            {
                return _result;
            }

            _waiting.Add(new TaskCompletionSource<object?>());
            return _waiting[^1].Task;
        }
    }

    public void Complete(Task<object?> result)
    {
        lock (_gate)
        {
            _result = result;
        }

        foreach (var request in _waiting)
        {
            request.SetFromTask(result);
        }
    }
}
