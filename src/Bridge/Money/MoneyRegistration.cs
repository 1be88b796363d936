namespace Bridge.Money;

/// <summary>Registers budgets and usage. Another ledger, shared by several hosts, comes in here.</summary>
internal static class MoneyRegistration
{
    public static IServiceCollection AddMoney(this IServiceCollection services) => services
        .AddSingleton<MemoryLedger>()
        .AddSingleton<IBudgetLedger>(s => s.GetRequiredService<MemoryLedger>())
        .AddSingleton<CallerNames>()
        .AddSingleton<UsageBook>()
        .AddSingleton<DayBook>();
}
