using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>words:</c> of role.yaml.</summary>
internal sealed class WordsDocument
{
    [Description("How a full-duplex model greets, at most 200 characters. Without it the model finds its own words.")]
    public string? Greeting { get; set; }

    [Description("Said and shown when 80 % of a budget is used up, or two minutes are left; at most 200 characters. Empty for nothing.")]
    public string? Closing { get; set; }

    [Description("Said and shown when the budget or the time is used up, before the call ends; at most 200 characters. Empty for nothing.")]
    public string? Goodbye { get; set; }
}
