using System.Buffers.Text;
using System.Text;

namespace Bridge.Rpc;

/// <summary>
/// A request's id as it stood on the wire: a whole number, or the raw text of a string with its quotes. Ids are compared
/// by spelling, and sent back by spelling.
/// </summary>
internal readonly record struct RpcId(long Number, string? Text)
{
    public const int MaxBytes = 128;

    /// <summary>Reads a JSON token that was found valid before. Null, fractions and very long ids are refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, out RpcId id)
    {
        id = default;
        if (token.IsEmpty || token.Length > MaxBytes)
        {
            return false;
        }

        if (token[0] == '"')
        {
            id = new RpcId(0, Encoding.UTF8.GetString(token));
            return true;
        }

        // "-0" would come back as "0".
        if (!Utf8Parser.TryParse(token, out long number, out var consumed) || consumed != token.Length || (number == 0 && token.Length > 1))
        {
            return false;
        }

        id = new RpcId(number, null);
        return true;
    }
}
