using Bridge.Configuration;

namespace Bridge.Records;

/// <summary>How much of a call is kept, and for how long: what its role says, within what the host allows.</summary>
/// <param name="Transcript">How much of its words.</param>
/// <param name="Keep">How long; null: until it is erased.</param>
/// <param name="Audio">The form in which its sound is kept; none where words are left out.</param>
internal sealed record RecordPolicy(TranscriptPolicy Transcript, TimeSpan? Keep, AudioPolicy Audio)
{
    /// <summary>The policy of a role on a host: of both the stricter one.</summary>
    public static RecordPolicy Of(RoleRecords role, RecordOptions host)
    {
        var allowed = host.Transcript switch
        {
            "no" => TranscriptPolicy.No, "redacted" => TranscriptPolicy.Redacted, _ => TranscriptPolicy.Yes,
        };
        var sound = host.Audio switch { "none" => AudioPolicy.None, "mixed" => AudioPolicy.Mixed, _ => AudioPolicy.Tracks };
        return new RecordPolicy(role.Transcript, role.Keep, role.Audio).Within(new RecordPolicy(allowed, host.KeepTime, sound));
    }

    /// <summary>Of two policies the stricter one in each respect.</summary>
    public RecordPolicy Within(RecordPolicy other)
    {
        var transcript = Transcript > other.Transcript ? Transcript : other.Transcript;
        return new RecordPolicy(
            transcript,
            Keep is { } own && other.Keep is { } foreign ? (own < foreign ? own : foreign) : Keep ?? other.Keep,
            transcript != TranscriptPolicy.Yes ? AudioPolicy.None : Audio < other.Audio ? Audio : other.Audio);
    }
}
