using Bridge.Configuration;
using Bridge.Models;
using Bridge.Money;
using Bridge.Realtime.Model;
using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>Costs of a call so far, at the price of the model that answers, and the accounts that they are booked in.</summary>
/// <param name="identity">The call.</param>
/// <param name="role">The role of the moment.</param>
/// <param name="models">Names and prices.</param>
/// <param name="usage">Told of all that is used.</param>
/// <param name="reports">Where a limit that can't be kept is reported.</param>
internal sealed class CallCosts(CallIdentity identity, CallRole role, ModelDirectory models, UsageBook usage, CallReports reports)
{
    private readonly Lock _gate = new();
    private readonly CallBill _bill = new();
    private readonly Dictionary<int, Role> _opened = [];
    private Role? _answering;

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

    /// <summary>Goes on from what the call had used before its host crashed.</summary>
    public void Restore(ModelUsage usage, decimal? cost)
    {
        lock (_gate)
        {
            _bill.Restore(usage, cost);
        }
    }

    /// <summary>Price of the model that answers; null when the operator named none.</summary>
    public PriceOptions? Price => models.PriceOf(Answering);

    /// <summary>Price of the model that something was used of; null when the operator named none.</summary>
    public PriceOptions? PriceOf(string purpose) => models.PriceOf(Answering, purpose);

    // The role that the session in use was opened with: the role of the moment may want another model and not have it yet.
    private Role Answering => Volatile.Read(ref _answering) ?? role.Current;

    private UsageKey Key => new(role.Current.Slug, identity.Caller.Account, models.Describe(Answering).Name);

    /// <summary>The call begins.</summary>
    public void Began() => usage.Began(Key);

    /// <summary>A session is being opened for a role.</summary>
    public void Opening(int session, Role opened) => _opened[session] = opened;

    /// <summary>A session answers from now on.</summary>
    public void Adopted(int session)
    {
        if (_opened.Remove(session, out var opened))
        {
            Volatile.Write(ref _answering, opened);
        }
    }

    /// <summary>Adds what a response or a transcription used; called by the thread in the call's mailbox.</summary>
    /// <param name="used">The usage.</param>
    /// <param name="purpose">As in <c>RecordUsage</c>; it identifies the model.</param>
    public void Add(ModelUsage used, string purpose)
    {
        var price = PriceOf(purpose);
        lock (_gate)
        {
            _bill.Add(used, price);
        }

        usage.Used(Key with { Model = models.NameOf(Answering, purpose) }, used, price is null ? 0 : CallBill.CostOf(used, price));
    }

    /// <summary>The call has lasted so much longer.</summary>
    public void Lasted(TimeSpan time) => usage.Lasted(Key, time);

    /// <summary>Tells the operator of a limit that can't be kept: it must not look like one that is.</summary>
    public void CheckPrice(Role current)
    {
        if (current.Limits.Cost is not null && !models.IsRehearsal && models.PriceOf(current) is null)
        {
            Log.NoPrice(reports.Logger, identity.Id, current.Slug, models.Describe(current).Name);
        }
    }
}
