using System.Security.Cryptography;
using System.Text;

namespace Bridge.Calls;

/// <summary>
/// The secrets that lead a page back into its call. Each takeover makes a new one; the one before it stays good until the new
/// one was used, because the reply that carried it may have been lost. Guarded by its own lock.
/// </summary>
internal sealed class ResumeTokens
{
    private const int Bytes = 24;

    private readonly Lock _gate = new();
    private string? _former;
    private string _current = New();

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

    /// <summary>The tokens that are good now.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return _former is null ? [_current] : [_current, _former];
            }
        }
    }

    /// <summary>True when the token is one of this call's; compares without telling by its time how much was right.</summary>
    public bool Has(string token)
    {
        lock (_gate)
        {
            return Same(token, _current) | (_former is not null && Same(token, _former));
        }
    }

    /// <summary>A page came with this token, which <see cref="Has"/> knows: the next one is made.</summary>
    public string Renew(string used)
    {
        lock (_gate)
        {
            _former = used;
            _current = New();
            return _current;
        }
    }

    private static bool Same(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
