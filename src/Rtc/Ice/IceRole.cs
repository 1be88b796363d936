using Bridge.Rtc.Stun;

namespace Bridge.Rtc.Ice;

/// <summary>Which side nominates, and who gives way when both claim it; RFC 8445 §6.1.1 and §7.3.1.1.</summary>
internal sealed class IceRole(bool lite, ulong tieBreaker)
{
    public bool IsControlling { get; private set; } = !lite;

    public ulong TieBreaker { get; } = tieBreaker;

    /// <summary>The remote side did not give way (error 487): takes the role it left.</summary>
    public void Switch(bool controlling) => IsControlling = controlling;

    /// <summary>
    /// Whether the sender of a request has to give way. Otherwise this side does, if the roles conflict. A lite agent never controls,
    /// so a sender that claims to be controlled has to switch.
    /// </summary>
    public bool HasConflict(in StunMessage message)
    {
        if (IsControlling && message.ControllingTieBreaker is { } theirs)
        {
            if (TieBreaker >= theirs)
            {
                return true;
            }

            IsControlling = false;
        }
        else if (!IsControlling && message.ControlledTieBreaker is { } controlled)
        {
            if (lite || TieBreaker < controlled)
            {
                return true;
            }

            IsControlling = true;
        }

        return false;
    }
}
