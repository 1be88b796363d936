using System.Net;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Models;
using Bridge.Money;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>Opens no call that could not pay its first answer, or whose cost nobody could tell.</summary>
internal sealed class BudgetDoor(
    IBudgetLedger ledger, CallerNames names, ModelDirectory models, IOptions<BridgeOptions> options, TimeProvider time,
    IJoinRates? rates = null)
{
    private static readonly TimeSpan AwayRetry = TimeSpan.FromSeconds(5);

    private const long LeastMilliseconds = 60_000;

    /// <summary>The caller with its name in accounts, when there is money and time for a call.</summary>
    /// <exception cref="SignalRefusal"><c>no_price</c>, or <c>budget_spent</c> with the time until the next day.</exception>
    public async Task<Caller> AdmitAsync(Role role, Caller caller, IPAddress? address)
    {
        var named = caller with { Account = names.Of(caller, address) };
        if (rates is not null)
        {
            await rates.TakeAsync(named.Account).ConfigureAwait(false);
        }

        await CheckAsync(role, named).ConfigureAwait(false);
        return named;
    }

    /// <summary>Looks whether there is money and time for a call.</summary>
    /// <exception cref="SignalRefusal"><c>no_price</c>, or <c>budget_spent</c> with the time until the next day.</exception>
    public async Task CheckAsync(Role role, Caller caller)
    {
        var accounts = new CallAccounts("", caller, options.Value.Budgets, models, time);
        if (accounts.IsUnpriced(role))
        {
            throw new SignalRefusal(SignalCodes.NoPrice, "Calls of this host have a budget, and the model of this role has no price yet.");
        }

        var minutes = accounts.Time();
        if (minutes.Count > 0 && await LeftAsync(minutes).ConfigureAwait(false) < LeastMilliseconds)
        {
            throw Spent();
        }

        if (accounts.Limit(role) && models.PriceOf(role) is { } price)
        {
            var answer = ResponseBound.Of(default, role.Model.MaxOutputTokens, textOnly: false);
            var least = CallPrices.MicroDollars(answer, answer.LeastOutput, price) + SessionHold.Cost(SessionHold.Ahead, price);
            if (await LeftAsync(accounts.Dollars(role)).ConfigureAwait(false) < least)
            {
                throw Spent();
            }
        }
    }

    // That the ledger is away is known once it was asked.
    private async ValueTask<long> LeftAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        var left = await ledger.LeftAsync(accounts).ConfigureAwait(false);
        return !options.Value.Budgets.Strict || !ledger.IsAway ? left : throw new SignalRefusal(
            SignalCodes.Busy, "What the other nodes have spent can't be read now; try again in a moment.", AwayRetry);
    }

    private SignalRefusal Spent()
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new SignalRefusal(SignalCodes.BudgetSpent, "The budget for calls is used up; there is another one tomorrow.", now.Date.AddDays(1) - now);
    }
}
