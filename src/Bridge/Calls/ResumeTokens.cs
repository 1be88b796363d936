using System.Security.Cryptography;
using System.Text;

namespace Bridge.Calls;

/// <summary>
/// The secrets that lead a page back into its call. Each takeover makes a new one; the one before it stays good until the new
/// one was used, because the reply that carried it may have been lost. Kept by their hashes; the newest alone is known as it is,
/// until it is given out. Guarded by its own lock.
/// </summary>
internal sealed class ResumeTokens
{
    private const int Bytes = 24;

    private readonly Lock _gate = new();
    private IReadOnlyList<string> _hashes;
    private string _current = New();

    /// <summary>A first token.</summary>
    public ResumeTokens() => _hashes = [Hash(_current)];

    /// <summary>The tokens of a call that goes on after its host crashed; <see cref="Renew"/> gives the next.</summary>
    /// <param name="hashes">Hashes of those that are good.</param>
    public ResumeTokens(IReadOnlyList<string> hashes) => _hashes = hashes;

    /// <summary>The newest token.</summary>
    public string Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>Hashes of the tokens that are good now.</summary>
    public IReadOnlyList<string> Hashes
    {
        get
        {
            lock (_gate)
            {
                return _hashes;
            }
        }
    }

    /// <summary>SHA-256 of a token, in hexadecimal. A token is random: nobody finds it by its hash.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>True when the token is one of this call's; compares without telling by its time how much was right.</summary>
    public bool Has(string token)
    {
        var sought = Encoding.ASCII.GetBytes(Hash(token));
        var found = false;
        foreach (var hash in Hashes)
        {
            found |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), sought);
        }

        return found;
    }

    /// <summary>A page came with this token, which <see cref="Has"/> knows: the next one is made.</summary>
    public string Renew(string used)
    {
        lock (_gate)
        {
            _current = New();
            _hashes = [Hash(_current), Hash(used)];
            return _current;
        }
    }

    private static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
