namespace Bridge.Access;

/// <summary>Answer of <c>POST /api/tickets</c>.</summary>
/// <param name="Ticket">The JWT; it goes to the page, which hands it to the SDK.</param>
/// <param name="Expires">Its end.</param>
internal sealed record MintedTicket(string Ticket, DateTimeOffset Expires);
