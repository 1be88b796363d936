using System.Net;
using Bridge.Configuration;
using Bridge.Realtime.Conversation;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>Makes calls again that another process has led, from what it wrote of them.</summary>
internal sealed class CallRevival(
    CallFactory factory, CallRecovery recovery, CallLines lines, HostClock clock, BridgeOptions options, ILogger logger)
{
    /// <summary>A call whose host crashed, with its place; null when it can't go on, in which case it is closed.</summary>
    /// <exception cref="SignalRefusal">The address or the caller holds too many calls; the page may come again.</exception>
    public (CallSeat Seat, RevivedCall Call)? Revive(UnfinishedCall unfinished, IPAddress? address)
    {
        if (recovery.Revive(unfinished) is not var (call, role))
        {
            return null;
        }

        CallLine line;
        try
        {
            line = lines.Take(call.Passport.Caller, address);
        }
        catch (SignalRefusal)
        {
            recovery.PutBack(unfinished);
            throw;
        }

        if (TrySeat(call, role, line, standsBy: false) is { } seat)
        {
            return (seat, call);
        }

        recovery.Close(unfinished);
        return null;
    }

    /// <summary>A call that its host still leads; null when it could not go on here. Nothing is closed.</summary>
    /// <exception cref="SignalRefusal">There is no line for it.</exception>
    public StandbyCall? Prepare(UnfinishedCall running, Role? role, IPAddress? address)
    {
        if (role is null || running.Origin.Resume is not { } json || !CallPassport.TryRead(json, out var passport)
            || !ConversationLog.TryParse(running.Log, out var log))
        {
            return null;
        }

        // Items that may still change are taken over with the rest, at the end.
        var settled = new ConversationLog();
        foreach (var entry in log.Entries.Take(Settled(log)))
        {
            settled.Append(entry);
        }

        var call = new RevivedCall(running, settled, 0, passport);
        return TrySeat(call, role, lines.Take(passport.Caller, address), standsBy: true) is { } seat
            ? new StandbyCall(seat, settled.Entries.Count, address)
            : null;
    }

    // Entries before the first item that is not final.
    private static int Settled(ConversationLog log)
    {
        var open = log.Items.Where(item => !item.Final).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < log.Entries.Count; i++)
        {
            if (log.Entries[i] is ConversationEntry.ItemAdded(_, var item, _) && open.Contains(item.Id))
            {
                return i;
            }
        }

        return log.Entries.Count;
    }

    private CallSeat? TrySeat(RevivedCall call, Role role, CallLine line, bool standsBy)
    {
        var before = call.Before;
        try
        {
            var made = factory.Create(
                before.Id, role, call.Passport.ContextAt(clock.UtcNow), line.Memory, call.Passport.Caller, call, standsBy);
            return new CallSeat(made, new ResumeTokens(before.Origin.Tokens), options.Limits.Offers, line);
        }
        catch (InvalidOperationException tooLong)
        {
            line.Dispose();
            Log.CallNotResumed(logger, before.Id, tooLong.Message);
            return null;
        }
    }
}
