using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Bridge.Roles;
using Bridge.Tools;

namespace Bridge.Guards;

/// <summary>The guard of a role: its patterns first, then its web hook.</summary>
/// <param name="callId">For the web hook.</param>
/// <param name="role">The role as it is now.</param>
/// <param name="services">The clients of web hooks, and the host's secrets.</param>
/// <param name="problem">Is told by code and sentence, once in a row, that the web hook does not judge.</param>
internal sealed class AnswerGuard(string callId, Func<Role> role, ToolServices services, Action<string, string> problem) : IAnswerGuard
{
    private const int MaxJudged = 4_000;
    private const int MaxAnswer = 65_536;
    private bool _reported;

    /// <inheritdoc/>
    public GuardSettings? Settings => role().Guard;

    /// <inheritdoc/>
    public async ValueTask<GuardVerdict> JudgeAsync(string text, bool whole, CancellationToken cancellation)
    {
        var current = role();
        if (current.Guard is not { } settings)
        {
            return GuardVerdict.Allow;
        }

        var judged = text.Length > MaxJudged ? text[^MaxJudged..] : text;
        for (var i = 0; i < settings.Patterns.Count; i++)
        {
            if (settings.Patterns[i].IsMatch(judged))
            {
                return GuardVerdict.Block($"pattern {i + 1} of the role's guard matches");
            }
        }

        return settings.Hook is { } hook
            ? await AskAsync(current.Slug, settings, hook, judged, whole, cancellation).ConfigureAwait(false)
            : GuardVerdict.Allow;
    }

    private async Task<GuardVerdict> AskAsync(
        string slug, GuardSettings settings, HttpToolSettings hook, string text, bool whole, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(settings.HookTimeout, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        string why;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, hook.Url)
            {
                Content = JsonContent.Create(new { call = callId, role = slug, text, whole }, new MediaTypeHeaderValue("application/json")),
            };
            if (HookHeaders.TryAdd(request, hook, slug, services, out var unset))
            {
                using var response = await services.ClientFor(hook)
                    .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
                if (await ReadAsync(response, either.Token).ConfigureAwait(false) is { } allow)
                {
                    _reported = false;
                    return allow ? GuardVerdict.Allow : GuardVerdict.Block("the web hook of the role's guard refuses");
                }

                why = $"answered {(int)response.StatusCode} without {{\"allow\": true}} or false";
            }
            else
            {
                why = unset!;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            why = $"did not answer within {settings.HookTimeout.TotalMilliseconds:0} ms";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            why = "can not be reached";
        }

        return Unjudged(settings, why);
    }

    private GuardVerdict Unjudged(GuardSettings settings, string why)
    {
        if (!_reported)
        {
            _reported = true;
            problem(
                "guard_hook",
                $"The web hook of the role's guard can not judge ({why}); answers are "
                    + $"{(settings.AllowUnjudged ? "heard unjudged" : "withheld")}.");
        }

        return settings.AllowUnjudged ? GuardVerdict.Allow : GuardVerdict.Block("the web hook of the role's guard does not judge");
    }

    private static async Task<bool?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        var body = new byte[MaxAnswer];
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var length = await stream.ReadAtLeastAsync(body, MaxAnswer, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        try
        {
            var answer = JsonElement.Parse(body.AsSpan(0, length));
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("allow", out var allow)
                ? allow.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
