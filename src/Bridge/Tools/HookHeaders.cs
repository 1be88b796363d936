
namespace Bridge.Tools;

/// <summary>The headers of a role's web hook, with the host's secrets filled in.</summary>
internal static class HookHeaders
{
    /// <summary>
    /// Adds them to a request that has its content. False when one can't be sent; the problem names a secret or a header alone.
    /// </summary>
    public static bool TryAdd(HttpRequestMessage request, HttpToolSettings hook, string role, ToolServices services, out string? problem)
    {
        problem = null;
        foreach (var (header, value) in hook.Headers)
        {
            if (!SecretText.TryFill(value, role, hook.Url, services, out var filled, out problem))
            {
                return false;
            }

            if (!request.Headers.TryAddWithoutValidation(header, filled)
                && request.Content?.Headers.TryAddWithoutValidation(header, filled) != true)
            {
                problem = $"{header} is no header a request may carry";
                return false;
            }
        }

        return true;
    }
}
