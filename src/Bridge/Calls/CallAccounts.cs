using Bridge.Access;
using Bridge.Configuration;
using Bridge.Models;
using Bridge.Money;
using Bridge.Roles;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>The accounts that a call draws on: its own, its caller's and the host's of the day.</summary>
/// <param name="callId">Names the call.</param>
/// <param name="person">Its caller, with what the ticket allows.</param>
/// <param name="budgets">The operator's.</param>
/// <param name="models">Prices.</param>
/// <param name="time">For the day, in UTC.</param>
internal sealed class CallAccounts(string callId, Caller person, BudgetOptions budgets, ModelDirectory models, TimeProvider time)
{
    private const double MillisecondsPerMinute = 60_000;

    /// <summary>True when a budget of the operator or the ticket limits the dollars: nothing may be spent that has no price.</summary>
    public bool HaveDollars => budgets.HasDollars || person.Budget is not null;

    /// <summary>
    /// Responses of this role are paid ahead. The rehearsal model costs nothing unless it is given a price, and a role's own limit
    /// needs one to be kept.
    /// </summary>
    public bool Limit(Role role) => models.PriceOf(role) is not null ? HaveDollars || role.Limits.Cost is not null : HaveDollars && !models.IsRehearsal;

    /// <summary>Nothing of this role can be paid: dollars are limited, and its model, or its cheaper one, has no price.</summary>
    public bool IsUnpriced(Role role) => HaveDollars && models.Unpriced(role) is not null;

    /// <summary>The least of what the operator, the ticket and the role allow one call, in US dollars; null: no limit.</summary>
    public decimal? CallDollars(Role role)
    {
        decimal?[] limits = [budgets.Call.Dollars, person.Budget, role.Limits.Cost];
        return limits.Min();
    }

    /// <summary>The least of what the operator, the ticket and the role allow one call.</summary>
    public TimeSpan CallTime(Role role)
    {
        double?[] limits = [budgets.Call.Minutes, person.Minutes, role.Limits.Duration.TotalMinutes];
        return TimeSpan.FromMinutes(limits.Min()!.Value);
    }

    /// <summary>The accounts of money now; none when nothing limits it.</summary>
    public IReadOnlyList<BudgetAccount> Dollars(Role role) =>
        Of(BudgetUnit.MicroDollars, CallDollars(role), budgets.CallerDay.Dollars, budgets.HostDay.Dollars, dollars => (long)(dollars * CallPrices.PerDollar));

    /// <summary>The accounts of time now; none when nothing but the call's own time limits it, which is no account.</summary>
    public IReadOnlyList<BudgetAccount> Time() =>
        Of(BudgetUnit.Milliseconds, null, budgets.CallerDay.Minutes, budgets.HostDay.Minutes, minutes => (long)(minutes * MillisecondsPerMinute));

    private List<BudgetAccount> Of<T>(BudgetUnit unit, T? call, T? caller, T? host, Func<T, long> limit)
        where T : struct
    {
        var accounts = new List<BudgetAccount>(3);
        var today = time.Today();
        Add(call, "call/" + callId, null);
        Add(caller, "caller/" + person.Account, today);
        Add(host, "host", today);
        return accounts;

        void Add(T? amount, string name, DateOnly? day)
        {
            if (amount is { } some)
            {
                accounts.Add(new BudgetAccount(new AccountKey(name, day, unit), limit(some)));
            }
        }
    }
}
