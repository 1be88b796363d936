using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Configuration;
using Bridge.Native;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>Makes the codecs of calls, Opus by the engine that the operator chose.</summary>
internal sealed class AudioCodecs
{
    // docs/benchmarks.md, libopus and Concentus.
    private const string Saving = "libopus would save 0.5 % of a core and 4 MB of garbage a second for each call";

    private readonly bool _concentus;

    /// <exception cref="NativeLibraryMissingException">libopus was asked for and is not installed.</exception>
    public AudioCodecs(IOptions<BridgeOptions> options)
    {
        var codec = options.Value.Codec;
        if (codec == "libopus")
        {
            NativeLibraryLocator.RequireOpus();
        }

        _concentus = codec == "concentus" || (codec == "auto" && !NativeLibraryLocator.HasOpus);
    }

    /// <summary>A sentence for the console: which engine runs, and what libopus would save where another does.</summary>
    public string Announcement => !_concentus
        ? $"Opus runs on {OpusCodec.Engine}."
        : NativeLibraryLocator.HasOpus
            ? $"Opus runs on {ConcentusCodec.Engine}, as --codec says; {Saving}."
            : $"Opus runs on {ConcentusCodec.Engine}; {Saving}: {NativeLibraryLocator.OpusInstallCommand}";

    /// <summary>Makes a transcoder of Opus packets.</summary>
    public Transcoder CreateTranscoder() => _concentus ? Transcoder.OverConcentus() : Transcoder.OverLibOpus();

    /// <summary>Makes the codec of an rtpmap name.</summary>
    /// <param name="name">Encoding name as in SDP: <c>opus</c>, <c>PCMU</c>, <c>PCMA</c>.</param>
    public IAudioCodec Create(string name) => name switch
    {
        "PCMU" => new G711Codec(G711Law.Mu),
        "PCMA" => new G711Codec(G711Law.A),
        _ => _concentus ? new ConcentusCodec() : new OpusCodec(),
    };
}
