namespace Bridge.Money;

/// <summary>The key by which usage is grouped.</summary>
/// <param name="Role">Slug.</param>
/// <param name="Caller">Hashed; <c>other</c> for those beyond the thousandth of a day.</param>
/// <param name="Model">Name of the model.</param>
internal readonly record struct UsageKey(string Role, string Caller, string Model);
