namespace Bridge.Realtime.Rehearsal;

/// <summary>Ids in the service's form: a prefix and 21 letters and digits. SplitMix64, so that a seed repeats a run.</summary>
internal sealed class RehearsalIds(ulong seed)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private ulong _state = seed;

    public string Next(string prefix)
    {
        return string.Create(prefix.Length + 22, (this, prefix), static (span, from) =>
        {
            from.prefix.CopyTo(span);
            span[from.prefix.Length] = '_';
            var rest = span[(from.prefix.Length + 1)..];
            var bits = 0UL;
            for (var i = 0; i < rest.Length; i++)
            {
                bits = i % 10 == 0 ? from.Item1.Draw() : bits / 62;
                rest[i] = Alphabet[(int)(bits % 62)];
            }
        });
    }

    private ulong Draw()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
