using System.Text;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Stun;

namespace Bridge.Testing.Lab;

/// <summary>A connectivity check as somebody would send it who has seen one, but does not know the password.</summary>
public static class ForgedCheck
{
    /// <summary>Addresses the same peer as a genuine check, nominates, and is signed with a password that is not its own.</summary>
    public static byte[] Like(ReadOnlySpan<byte> genuine)
    {
        if (!StunMessage.TryParse(genuine, out StunMessage message))
        {
            throw new ArgumentException("This is no STUN message.", nameof(genuine));
        }

        string[] names = Encoding.ASCII.GetString(message.Username).Split(':');
        return Write(message.Transaction, names[0], names[1], message.Priority);
    }

    /// <summary>Addresses the peer of a username fragment.</summary>
    public static byte[] To(string ufrag) => Write(default, ufrag, "nobody", 1);

    private static byte[] Write(TransactionId transaction, string ufrag, string remoteUfrag, uint priority)
    {
        byte[] buffer = new byte[512];
        var writer = new StunWriter(buffer, StunClass.Request, transaction);
        writer.AddUsername(ufrag, remoteUfrag);
        writer.AddPriority(priority);
        writer.AddTieBreaker(true, 1);
        writer.AddUseCandidate();
        return buffer[..writer.Finish(new IceCredentials(ufrag, "not the password of anybody").Key)];
    }
}
