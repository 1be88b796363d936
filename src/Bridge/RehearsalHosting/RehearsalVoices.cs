using Bridge.Audio.Resampling;
using Bridge.Rehearsal;
using Bridge.Roles;

namespace Bridge.RehearsalHosting;

/// <summary>The rehearsal model's inputs from this process: roles' scripts, a voice, our resampler.</summary>
internal static class RehearsalVoices
{
    private const string ModelPrefix = "rehearsal/";
    private static readonly TimeSpan TimeCodePerCharacter = TimeSpan.FromMilliseconds(60);

    /// <summary>Options of a rehearsal server over a role catalogue.</summary>
    /// <param name="roles">Where scripts come from: model <c>rehearsal/SLUG</c> plays that role's script.</param>
    /// <param name="voice"><c>auto</c>, <c>synthetic</c> or <c>timecode</c>.</param>
    /// <param name="time">Clock of the sessions.</param>
    /// <param name="fallback">Script for every other model name; null refuses them.</param>
    /// <param name="kept">Scripts of snapshots that calls keep, by model name.</param>
    public static RehearsalOptions Options(
        RoleCatalog roles, string voice, TimeProvider time, RehearsalScript? fallback = null, KeptScripts? kept = null) => new()
    {
        Scripts = model => kept?.Find(model) is { } script ? script : model.StartsWith(ModelPrefix, StringComparison.Ordinal)
            ? roles.Current.Find(model[ModelPrefix.Length..])?.Rehearsal
            : fallback,
        // As a call does with the rest of its role: `reload: snapshot` keeps what the session began with.
        Edits = model => Edits(roles, model),
        Voice = Voice(voice),
        Time = time,
    };

    /// <summary>The voice of that name: <c>auto</c>, <c>synthetic</c> or <c>timecode</c>.</summary>
    public static SpeechVoice Voice(string name) =>
        name == "timecode" ? SpeakTimeCodeAsync
        : name == "auto" && EspeakVoice.TryCreate("en-us", Resample) is { } espeak ? espeak.SpeakAsync
        : SyntheticVoice.SpeakAsync;

    /// <summary>Model name that plays a role's script.</summary>
    public static string ModelOf(string slug) => ModelPrefix + slug;

    /// <summary>Model name that plays the script of one snapshot of a role.</summary>
    public static string ModelOf(Role snapshot) => $"{ModelPrefix}{snapshot.Slug}.{snapshot.Revision}";

    private static Func<RehearsalScript, RehearsalScript> Edits(RoleCatalog roles, string model)
    {
        var slug = model.StartsWith(ModelPrefix, StringComparison.Ordinal) ? model[ModelPrefix.Length..] : "";
        return script => roles.Current.Find(slug) is { Reload: ReloadPolicy.Live } role ? role.Rehearsal : script;
    }

    // As long as the text would take, so that a script says how long a line is.
    private static ValueTask<ReadOnlyMemory<short>> SpeakTimeCodeAsync(
        string text, string voice, double speed, CancellationToken cancellation) =>
        new TimeCodeVoice(text.Length * TimeCodePerCharacter).SpeakAsync(text, voice, speed, cancellation);

    private static short[] Resample(ReadOnlySpan<short> pcm, int fromRate, int toRate)
    {
        var resampler = new PolyphaseResampler(fromRate, toRate);
        var output = new short[resampler.OutputCount(pcm.Length)];
        resampler.Process(pcm, output);
        return output;
    }
}
