using System.Text;

namespace Bridge.Rehearsal;

/// <summary>Ids in the service's form: a prefix and 21 letters and digits. SplitMix64, so that a seed repeats a run.</summary>
internal sealed class RehearsalIds(ulong seed)
{
    /// <summary>Characters of the longest id.</summary>
    public const int MaxLength = MaxPrefix + 1 + Random;

    private const int MaxPrefix = 9;
    private const int Random = 21;
    private ulong _state = seed;

    private static ReadOnlySpan<byte> Alphabet => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    public string Next(string prefix)
    {
        Span<byte> id = stackalloc byte[MaxLength];
        Span<byte> start = stackalloc byte[MaxPrefix];
        return Encoding.ASCII.GetString(id[..Next(start[..Encoding.ASCII.GetBytes(prefix, start)], id)]);
    }

    /// <summary>Writes an id in UTF-8 and returns its length, at most <see cref="MaxLength"/>.</summary>
    public int Next(ReadOnlySpan<byte> prefix, Span<byte> id)
    {
        prefix.CopyTo(id);
        id[prefix.Length] = (byte)'_';
        var rest = id.Slice(prefix.Length + 1, Random);
        var bits = 0UL;
        for (var i = 0; i < rest.Length; i++)
        {
            bits = i % 10 == 0 ? Draw() : bits / 62;
            rest[i] = Alphabet[(int)(bits % 62)];
        }

        return prefix.Length + 1 + Random;
    }

    /// <summary>A number from 0 to below <paramref name="limit"/>.</summary>
    public int Number(int limit) => (int)(Draw() % (ulong)limit);

    private ulong Draw()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
