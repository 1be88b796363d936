using Bridge.Realtime.Model;

namespace Bridge.Money;

/// <summary>The usage of one day by one role, caller and model.</summary>
/// <param name="Role">Slug.</param>
/// <param name="Caller">Hashed; <c>other</c> for those beyond the thousandth of a day.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Calls">Calls that began.</param>
/// <param name="Dollars">US dollars at the operator's prices; 0 when the model has none.</param>
/// <param name="Minutes">Minutes of calls.</param>
/// <param name="Tokens">Tokens by kind.</param>
internal sealed record UsageRow(string Role, string Caller, string Model, int Calls, decimal Dollars, double Minutes, UsageTokens Tokens)
{
    /// <summary>The key of the row.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public UsageKey Key => new(Role, Caller, Model);

    /// <summary>The same row with more.</summary>
    public UsageRow With(int calls, decimal dollars, double minutes, ModelUsage usage) =>
        this with { Calls = Calls + calls, Dollars = Dollars + dollars, Minutes = Minutes + minutes, Tokens = Tokens.With(usage) };
}
