using System.Text.Json;
using Bridge.Calls;
using Bridge.Realtime.Turns;
using Bridge.Rpc;
using Bridge.Timing;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// The way of a running call to another node, which is laid while the call goes on: the other node has its model session open with the
/// conversation, and the page is connected with both.
/// </summary>
internal sealed class MoveWay
{
    // Nobody leads the call meanwhile. Another way takes the page longer.
    private static readonly TimeSpan GoOnTime = TimeSpan.FromSeconds(1);

    private static readonly RpcRequestOptions Patient = new()
    {
        AckDeadline = TimeSpan.FromSeconds(2), ResponseDeadline = TimeSpan.FromSeconds(5),
    };

    private readonly Call _call;
    private readonly string _target;
    private readonly string? _connection;
    private readonly ISignalRelay _relay;
    private readonly ICallDirectory _directory;
    private readonly HostClock _clock;

    private MoveWay(Call call, string target, string? connection, ISignalRelay relay, ICallDirectory directory, HostClock clock) =>
        (_call, _target, _connection, _relay, _directory, _clock) = (call, target, connection, relay, directory, clock);

    /// <summary>Lays the way. Where it fails, nothing is left prepared.</summary>
    /// <param name="seat">The call's place.</param>
    /// <param name="target">The other node.</param>
    /// <param name="relay">To it.</param>
    /// <param name="directory">Names this node.</param>
    /// <param name="clock">The host's.</param>
    /// <exception cref="Exception">A refusal, as <see cref="IsRefusal"/> tells it.</exception>
    public static async Task<MoveWay> LayAsync(
        CallSeat seat, string target, ISignalRelay relay, ICallDirectory directory, HostClock clock)
    {
        var way = new MoveWay(seat.Call, target, seat.ConnectionId, relay, directory, clock);
        try
        {
            await way.LayAsync(seat.Address?.ToString()).ConfigureAwait(false);
            return way;
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            way.TakeBack();
            throw;
        }
    }

    /// <summary>True for what is thrown by an older page or node, where there is no way between them, or no place there.</summary>
    public static bool IsRefusal(Exception exception) => exception is RelayException or ClusterAwayException or RpcException
        or JsonException or Signaling.SignalRefusal or InvalidOperationException or KeyNotFoundException;

    /// <summary>The call stays: what was prepared is released.</summary>
    public void TakeBack()
    {
        _call.Rpc.Notify("call/stay", new { });
        _ = TellAsync();

        async Task TellAsync()
        {
            try
            {
                await AskAsync(RelayKind.Unprepare, new RelayedCall(_call.Id), RelayTimes.Request).ConfigureAwait(false);
            }
            catch (Exception away) when (away is RelayException or ClusterAwayException or Signaling.SignalRefusal)
            {
                // It lets it go by itself after a while.
            }
        }
    }

    /// <summary>The call is given to the other node, which goes on with it now. False: its page has to come by itself.</summary>
    /// <param name="left">How it was left.</param>
    public async Task<bool> TryGoAsync(TurnCommand.CallLeft? left)
    {
        var replay = left?.ReplayInputFrom is { } from ? (int?)(_clock.Elapsed - from).TotalMilliseconds : null;
        for (var tried = 0; tried < 2; tried++)
        {
            try
            {
                await AskAsync(
                    RelayKind.GoOn, new RelayedGoOn(_call.Id, _connection ?? "", replay, left?.CutOff == true), GoOnTime)
                    .ConfigureAwait(false);
                return true;
            }
            catch (RelayException silent) when (!silent.IsGone)
            {
                // The request or its reply was lost; asked once more it does nothing twice.
            }
            catch (Exception away) when (away is RelayException or ClusterAwayException or Signaling.SignalRefusal)
            {
                return false;
            }
        }

        return false;
    }

    private async Task LayAsync(string? address)
    {
        var introduction = _call.Departure.Introduction;
        await AskAsync(
            RelayKind.Prepare,
            new RelayedPrepare(_call.Id, address, introduction.ValueKind == JsonValueKind.Object ? introduction : null), RelayTimes.Step)
            .ConfigureAwait(false);
        var offer = await _call.Rpc.RequestAsync("call/offer", new { }, Patient).ConfigureAwait(false);
        var answer = (await AskAsync(
            RelayKind.PreparedOffer, new RelayedSdp(_call.Id, offer.GetProperty("sdp").GetString()!), RelayTimes.Step)
            .ConfigureAwait(false)).Read<RelayedSdp>();
        await _call.Rpc.RequestAsync("call/answer", new { sdp = answer.Sdp }, Patient).ConfigureAwait(false);
        await AskAsync(RelayKind.Prepared, new RelayedCall(_call.Id), RelayTimes.Preparation).ConfigureAwait(false);
    }

    private async Task<RelayReply> AskAsync<T>(string kind, T body, TimeSpan within) =>
        (await _relay.AskAsync(_target, RelayRequest.Of(kind, _directory.Node, body), within).ConfigureAwait(false)).OrThrow();
}
