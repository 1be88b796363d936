using System.Text.Json;
using Bridge.Signaling;

namespace Bridge.Cluster;

/// <summary>Turns what an answering node throws into a reply.</summary>
internal static class RelayAnswer
{
    /// <summary>Answers a request; does not throw.</summary>
    public static async Task<RelayReply> OfAsync(Func<RelayRequest, Task<RelayReply>> answer, RelayRequest request)
    {
        try
        {
            return await answer(request).ConfigureAwait(false);
        }
        catch (SignalRefusal refusal)
        {
            return new RelayReply(null, refusal.Code, refusal.Message, refusal.RetryAfter?.TotalSeconds);
        }
        catch (JsonException)
        {
            return new RelayReply(null, SignalCodes.InvalidRequest, "The request of the other node can't be read.");
        }
        catch (Exception)
        {
            // The node that fails has logged it; its text may hold what is nobody's business.
            return new RelayReply(null, SignalCodes.Internal, "The other node could not do this; its log says why.");
        }
    }

    /// <summary>The reply, when it is no refusal.</summary>
    /// <exception cref="SignalRefusal">It is one.</exception>
    public static RelayReply OrThrow(this RelayReply reply) => reply.Code is { } code
        ? throw new SignalRefusal(
            code, reply.Message ?? "", reply.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 86_400)) : null)
        : reply;
}
