using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bridge.Records;

namespace Bridge.WebHooks;

/// <summary>An event as it is sent: its id, its body, and their signatures (Standard Webhooks 1.0.0).</summary>
/// <param name="Id">The same in every attempt and for every receiver.</param>
/// <param name="Body">UTF-8 JSON.</param>
internal sealed record WebHookMessage(string Id, byte[] Body)
{
    /// <summary>The message of an event; null when its subject is not in the record any more.</summary>
    public static WebHookMessage? Of(OutboxItem item, CallRecord call)
    {
        object? data = item.Type switch
        {
            "call.started" => new { callId = call.Id, call.Role, call.Model, call.Caller, call.Started },
            "call.ended" => new
            {
                callId = call.Id, call.Role, call.Model, call.Caller, call.Started, call.Ended, call.Reason, call.Recap, call.Outcome,
                notes = call.Notes.Select(n => n.Id), call.Usage, call.Cost, call.Missing,
            },
            "note.saved" => call.Notes.FirstOrDefault(n => n.Id == item.Subject) is { } note
                ? new { callId = call.Id, call.Role, call.Caller, note }
                : null,
            _ => new { callId = call.Id, call.Role, call.Caller, budget = item.Subject, call.Cost },
        };
        return data is null ? null
            : new(IdOf(item), JsonSerializer.SerializeToUtf8Bytes(new { item.Type, timestamp = item.At, data }, CallRecord.JsonLine));
    }

    /// <summary>The value of <c>webhook-signature</c>: one signature for each key.</summary>
    /// <param name="timestamp">The value of <c>webhook-timestamp</c>, seconds since 1970.</param>
    /// <param name="keys">Keys of the receiver.</param>
    public string Sign(long timestamp, IEnumerable<byte[]> keys)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Id}.{timestamp}.")), .. Body];
        return string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }

    // Made of what the event is: a fact that is written twice is one event.
    private static string IdOf(OutboxItem item) => "msg_" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{item.Type}\n{item.Call}\n{item.Subject}")).AsSpan(0, 16));
}
