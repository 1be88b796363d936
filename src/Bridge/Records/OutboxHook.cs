namespace Bridge.Records;

/// <summary>A receiver of events, as far as the store needs to know it.</summary>
/// <param name="Key">Names it in the store.</param>
/// <param name="Events">Events that it wants; empty for all.</param>
/// <param name="Roles">Slugs of the roles whose calls it wants to hear of; empty for all.</param>
internal sealed record OutboxHook(string Key, IReadOnlyList<string> Events, IReadOnlyList<string> Roles)
{
    /// <summary>True when it wants events of this name.</summary>
    public bool Wants(string type) => Events.Count == 0 || Events.Contains(type, StringComparer.Ordinal);
}
