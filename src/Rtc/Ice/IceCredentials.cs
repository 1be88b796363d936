using System.Text;

namespace Bridge.Rtc.Ice;

/// <summary>A username fragment and password; RFC 8445 §5.3.</summary>
internal sealed class IceCredentials
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const int UfragLength = 8;
    private const int PasswordLength = 24;

    private readonly byte[] _ufragBytes;

    public IceCredentials(string ufrag, string password)
    {
        Ufrag = ufrag;
        Password = password;
        _ufragBytes = Encoding.ASCII.GetBytes(ufrag);
        Key = Encoding.ASCII.GetBytes(password);
    }

    public string Ufrag { get; }

    public string Password { get; }

    /// <summary>The short-term credential key; RFC 8489 §9.1.1.</summary>
    public byte[] Key { get; }

    /// <summary>48 bits of fragment so that no two calls share one, 144 bits of password.</summary>
    public static IceCredentials Draw(IEntropy entropy) => new(DrawText(entropy, UfragLength), DrawText(entropy, PasswordLength));

    public bool UfragIs(ReadOnlySpan<byte> ufrag) => ufrag.SequenceEqual(_ufragBytes);

    private static string DrawText(IEntropy entropy, int length)
    {
        Span<byte> secret = stackalloc byte[length];
        entropy.FillSecret(secret);
        Span<char> text = stackalloc char[length];
        for (int i = 0; i < length; i++)
        {
            text[i] = Alphabet[secret[i] & 63];
        }

        return new string(text);
    }
}
