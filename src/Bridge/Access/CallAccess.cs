using Bridge.Configuration;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Access;

/// <summary>Decides who may open a call: by the mode of the host, and the ticket or sign-in that came with the hub connection.</summary>
internal sealed class CallAccess(IOptions<BridgeOptions> options, TimeProvider time, ApplicationCallers application)
{
    private readonly AccessMode _mode = options.Value.Access.EffectiveMode;

    /// <summary>The caller of a new call with this role.</summary>
    /// <exception cref="SignalRefusal">No call is opened: the code and the sentence say why.</exception>
    public Caller Admit(HubCaller hub, string slug)
    {
        if (hub.TicketFault is { } code)
        {
            // Also where everybody may call: a ticket with limits that turned out to be void must not open an unlimited call.
            throw Refusal(code);
        }

        if (hub.User.Identity?.IsAuthenticated != true)
        {
            return _mode switch
            {
                AccessMode.Open => Caller.Anonymous,
                AccessMode.Oidc or AccessMode.App => throw Refusal(SignalCodes.SignInNeeded),
                _ => throw Refusal(SignalCodes.TicketMissing),
            };
        }

        if (application.Owns(hub.User))
        {
            return !application.TryRead(hub.User, out var person) ? throw Refusal(SignalCodes.NotAllowed)
                : person.MayTalkTo(slug) ? person
                : throw Refusal(SignalCodes.NotAllowed);
        }

        if (!CallerClaims.TryRead(hub.User, out var caller, out var fault))
        {
            throw new SignalRefusal(SignalCodes.TicketInvalid, $"The ticket can't be used: {fault}.");
        }

        if (caller.Expires <= time.GetUtcNow())
        {
            throw Refusal(SignalCodes.TicketExpired);
        }

        return caller.MayTalkTo(slug)
            ? caller
            : throw new SignalRefusal(SignalCodes.TicketRole, $"This ticket is not for the role \"{slug}\".");
    }

    private static SignalRefusal Refusal(string code) => new(code, code switch
    {
        SignalCodes.TicketExpired => "The ticket has expired; get a new one.",
        SignalCodes.TicketInvalid => "The ticket can't be read, or is not signed by a key of this host.",
        SignalCodes.NotAllowed => "This application does not let you call.",
        SignalCodes.SignInNeeded => "This host takes calls of people who have signed in; reload the page to sign in.",
        _ => "This host takes calls with a ticket alone.",
    });
}
