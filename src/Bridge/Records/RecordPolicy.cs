using Bridge.Configuration;

namespace Bridge.Records;

/// <summary>How much of a call is kept, and for how long: what its role says, within what the host allows.</summary>
/// <param name="Transcript">How much of its words.</param>
/// <param name="Keep">How long; null: until it is erased.</param>
internal sealed record RecordPolicy(TranscriptPolicy Transcript, TimeSpan? Keep)
{
    /// <summary>The policy of a role on a host: of both the stricter one.</summary>
    public static RecordPolicy Of(RoleRecords role, RecordOptions host)
    {
        var allowed = host.Transcript switch
        {
            "no" => TranscriptPolicy.No, "redacted" => TranscriptPolicy.Redacted, _ => TranscriptPolicy.Yes,
        };
        return new RecordPolicy(role.Transcript, role.Keep).Within(new RecordPolicy(allowed, host.KeepTime));
    }

    /// <summary>Of two policies the stricter one in each respect.</summary>
    public RecordPolicy Within(RecordPolicy other) => new(
        Transcript > other.Transcript ? Transcript : other.Transcript,
        Keep is { } own && other.Keep is { } foreign ? (own < foreign ? own : foreign) : Keep ?? other.Keep);
}
