using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Holds budgets to numbers that can be kept.</summary>
internal sealed class BudgetOptionsValidator : AbstractValidator<BudgetOptions>
{
    private const decimal MaxDollars = 1_000_000;
    private const double MaxMinutes = 10_000_000;

    public BudgetOptionsValidator()
    {
        Check(o => o.Call, nameof(BudgetOptions.Call));
        Check(o => o.CallerDay, nameof(BudgetOptions.CallerDay));
        Check(o => o.HostDay, nameof(BudgetOptions.HostDay));
    }

    private void Check(Func<BudgetOptions, BudgetLimit> read, string name)
    {
        RuleFor(o => read(o).Dollars).Must(dollars => dollars is null or (> 0 and <= MaxDollars))
            .WithMessage(o => $"Budgets:{name}:Dollars is {read(o).Dollars}; a budget is a number of US dollars above 0, at most 1,000,000.");
        RuleFor(o => read(o).Minutes).Must(minutes => minutes is null or (>= 1 and <= MaxMinutes))
            .WithMessage(o => $"Budgets:{name}:Minutes is {read(o).Minutes}; a budget is a number of minutes from 1 to 10,000,000.");
    }
}
