using System.Net;
using System.Security.Claims;

namespace Bridge.Signaling;

/// <summary>The connection that a hub request comes from, and what is known of its person.</summary>
/// <param name="ConnectionId">SignalR connection.</param>
/// <param name="Address">Address of the client, behind a proxy that the host trusts the one it forwards; null when unknown.</param>
/// <param name="User">
/// Claims of the ticket or the sign-in that the connection was opened with; without identity when there was none.
/// </param>
/// <param name="TicketFault">Refusal code of a ticket that was presented and not accepted, else null.</param>
/// <param name="IsLocal">True for a page on the host's own machine, as far as the host can know.</param>
public sealed record HubCaller(
    string ConnectionId, IPAddress? Address, ClaimsPrincipal User, string? TicketFault = null, bool IsLocal = false)
{
    /// <summary>Key of <c>HttpContext.Items</c> under which the host leaves <see cref="TicketFault"/>.</summary>
    public const string TicketFaultItem = "bridge.ticket_fault";

    /// <summary>Key of <c>HttpContext.Items</c> that the host sets for <see cref="IsLocal"/>.</summary>
    public const string LocalItem = "bridge.local";

    /// <summary>A connection of which nothing else is known.</summary>
    public HubCaller(string connectionId)
        : this(connectionId, null, new ClaimsPrincipal())
    {
    }
}
