using Bridge.Configuration;

namespace Bridge.Tests.Money;

/// <summary>Mistakes in budgets are said at the start, in one sentence each.</summary>
public sealed class BudgetOptionsTests
{
    public static TheoryData<Action<BudgetOptions>, string> Wrong => new()
    {
        { b => b.Call.Dollars = 0, "Budgets:Call:Dollars is 0; a budget is a number of US dollars above 0, at most 1,000,000." },
        { b => b.CallerDay.Dollars = -1, "Budgets:CallerDay:Dollars is -1; a budget is a number of US dollars above 0, at most 1,000,000." },
        { b => b.HostDay.Dollars = 1_000_001, "Budgets:HostDay:Dollars is 1000001; a budget is a number of US dollars above 0, at most 1,000,000." },
        { b => b.Call.Minutes = 0.5, "Budgets:Call:Minutes is 0.5; a budget is a number of minutes from 1 to 10,000,000." },
        { b => b.CallerDay.Minutes = double.NaN, "Budgets:CallerDay:Minutes is NaN; a budget is a number of minutes from 1 to 10,000,000." },
        { b => b.HostDay.Minutes = -3, "Budgets:HostDay:Minutes is -3; a budget is a number of minutes from 1 to 10,000,000." },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void A_budget_that_is_none_is_refused(Action<BudgetOptions> spoil, string sentence)
    {
        var options = new BridgeOptions { Roles = Repository.Root };
        spoil(options.Budgets);
        Assert.Equal(sentence, Assert.Single(new BridgeOptionsValidator().Validate(options).Errors).ErrorMessage);
    }

    [Fact]
    public void Dollars_without_a_price_of_the_model_are_refused_and_the_rehearsal_model_needs_none()
    {
        var options = new BridgeOptions { Roles = Repository.Root };
        options.Budgets.HostDay.Dollars = 5;
        Assert.True(new BridgeOptionsValidator().Validate(options).IsValid);
        options.OpenAi.ApiKey = "some key";
        options.OpenAi.Model = "gpt-realtime";
        Assert.Equal(
            "Budgets sets dollars, and the model gpt-realtime has no price: set Prices:gpt-realtime (docs/money.md), or no dollars.",
            Assert.Single(new BridgeOptionsValidator().Validate(options).Errors).ErrorMessage);
        options.Prices["gpt-realtime"] = new PriceOptions { TextInput = 4 };
        Assert.True(new BridgeOptionsValidator().Validate(options).IsValid);
    }
}
