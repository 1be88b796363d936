using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;

namespace Bridge.Calls;

/// <summary>A call that another host leads and is about to leave: its model session is open here, and its page may connect.</summary>
/// <param name="seat">Its place, which it has not taken.</param>
/// <param name="known">Entries of the conversation that it was made with.</param>
/// <param name="address">The address that its page comes from.</param>
internal sealed class StandbyCall(CallSeat seat, int known, IPAddress? address)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Its place once it goes on here.</summary>
    public CallSeat Seat => seat;

    /// <summary>Entries of the conversation that it was made with.</summary>
    public int Known => known;

    /// <summary>The address that its page comes from.</summary>
    public IPAddress? Address => address;

    /// <summary>Opens its model session.</summary>
    /// <param name="introduction">The page's, as the other host has it.</param>
    public void Start(JsonElement introduction) => seat.Call.StandBy(introduction);

    /// <summary>Answers the offer of the page's second connection.</summary>
    public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal) =>
        seat.Call.Media.TryAnswer(offer, fresh: true, out answer, out refusal);

    /// <summary>Waits until the page is connected and the model has the conversation; false when that is not so in time.</summary>
    public async Task<bool> IsPreparedAsync(TimeSpan within, TimeProvider time)
    {
        for (var began = time.GetTimestamp(); !seat.Call.IsPrepared; await Task.Delay(LookEvery, time).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(began) > within || seat.Call.Ended.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>It does not go on here: everything of it is released.</summary>
    public async Task DiscardAsync()
    {
        seat.Call.Abort(CallEnd.Moved);
        await seat.Call.Ended.ConfigureAwait(false);
        seat.Release();
    }
}
