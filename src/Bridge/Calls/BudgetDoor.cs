using System.Net;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Models;
using Bridge.Money;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>Opens no call that could not pay its first answer, or whose cost nobody could tell.</summary>
internal sealed class BudgetDoor(IBudgetLedger ledger, CallerNames names, ModelDirectory models, IOptions<BridgeOptions> options, TimeProvider time)
{
    private const long LeastMilliseconds = 60_000;

    /// <summary>The caller with its name in accounts, when there is money and time for a call.</summary>
    /// <exception cref="SignalRefusal"><c>no_price</c>, or <c>budget_spent</c> with the time until the next day.</exception>
    public async Task<Caller> AdmitAsync(Role role, Caller caller, IPAddress? address)
    {
        var named = caller with { Account = names.Of(caller, address) };
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

        if (accounts.Time() is { Count: > 0 } minutes && await ledger.LeftAsync(minutes).ConfigureAwait(false) < LeastMilliseconds)
        {
            throw Spent();
        }

        if (accounts.Limit(role) && models.PriceOf(role) is { } price)
        {
            var answer = ResponseBound.Of(default, role.Model.MaxOutputTokens, textOnly: false);
            var least = CallPrices.MicroDollars(answer, answer.LeastOutput, price);
            if (await ledger.LeftAsync(accounts.Dollars(role)).ConfigureAwait(false) < least)
            {
                throw Spent();
            }
        }
    }

    private SignalRefusal Spent()
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new SignalRefusal(SignalCodes.BudgetSpent, "The budget for calls is used up; there is another one tomorrow.", now.Date.AddDays(1) - now);
    }
}
