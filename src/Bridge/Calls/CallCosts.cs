using Bridge.Configuration;
using Bridge.Realtime.Model;
using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>What a call has cost so far, and the end of it when its role allows no more.</summary>
/// <param name="callId">For the log.</param>
/// <param name="role">Its limit holds.</param>
/// <param name="priceOf">Price of a role's model; null when the operator named none.</param>
/// <param name="isRehearsal">The rehearsal model costs nothing, so that its calls need no price.</param>
/// <param name="ending">Told when the limit is reached.</param>
/// <param name="reports">Where that is reported.</param>
internal sealed class CallCosts(string callId, CallRole role, Func<Role, PriceOptions?> priceOf, bool isRehearsal, CallEnding ending, CallReports reports)
{
    private readonly Lock _gate = new();
    private readonly CallBill _bill = new();
    private bool _reached;

    /// <summary>Tokens per modality.</summary>
    public ModelUsage Usage
    {
        get
        {
            lock (_gate)
            {
                return _bill.Usage;
            }
        }
    }

    /// <summary>US dollars; null while no part of it has a price.</summary>
    public decimal? Cost
    {
        get
        {
            lock (_gate)
            {
                return _bill.Cost;
            }
        }
    }

    /// <summary>Goes on from what the call had used before its host died.</summary>
    public void Restore(ModelUsage usage, decimal? cost)
    {
        lock (_gate)
        {
            _bill.Restore(usage, cost);
        }
    }

    /// <summary>Adds what a response or a transcription used; called by the call's loop.</summary>
    public void Add(ModelUsage usage)
    {
        var current = role.Current;
        lock (_gate)
        {
            _bill.Add(usage, priceOf(current));
        }

        if (Cost >= current.Limits.Cost && !_reached)
        {
            _reached = true;
            reports.Problem("cost_limit", "the call has cost what its role allows");
            ending.AfterPlayout(CallEnd.CostLimit);
        }
    }

    /// <summary>Tells the operator of a limit that can't be kept: it must not look like one that is.</summary>
    /// <param name="current">The role.</param>
    /// <param name="model">Name of its model.</param>
    public void CheckPrice(Role current, string model)
    {
        if (current.Limits.Cost is not null && !isRehearsal && priceOf(current) is null)
        {
            Log.NoPrice(reports.Logger, callId, current.Slug, model);
        }
    }
}
