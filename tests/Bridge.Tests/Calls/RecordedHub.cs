using Bridge.Signaling;
using Microsoft.AspNetCore.SignalR;

namespace Bridge.Tests.Calls;

/// <summary>The hub without connections: writes down who was told what.</summary>
internal sealed class RecordedHub : IHubContext<SignalHub, ISignalClient>, IHubClients<ISignalClient>
{
    private readonly List<(string Connection, CallEndedNotice Notice)> _told = [];

    public IReadOnlyList<(string Connection, CallEndedNotice Notice)> Told
    {
        get
        {
            lock (_told)
            {
                return [.. _told];
            }
        }
    }

    public IHubClients<ISignalClient> Clients => this;

    public IGroupManager Groups => throw new NotSupportedException();

    public ISignalClient All => throw new NotSupportedException();

    public ISignalClient AllExcept(IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

    public ISignalClient Client(string connectionId) => new Recipient(this, connectionId);

    ISignalClient IHubClients<ISignalClient>.Clients(IReadOnlyList<string> connectionIds) => throw new NotSupportedException();

    public ISignalClient Group(string groupName) => throw new NotSupportedException();

    ISignalClient IHubClients<ISignalClient>.Groups(IReadOnlyList<string> groupNames) => throw new NotSupportedException();

    public ISignalClient GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

    public ISignalClient User(string userId) => throw new NotSupportedException();

    public ISignalClient Users(IReadOnlyList<string> userIds) => throw new NotSupportedException();

    private sealed class Recipient(RecordedHub hub, string connection) : ISignalClient
    {
        public Task CallEnded(CallEndedNotice notice)
        {
            lock (hub._told)
            {
                hub._told.Add((connection, notice));
            }

            return Task.CompletedTask;
        }
    }
}
