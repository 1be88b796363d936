using Bridge.Configuration;

namespace Bridge.Transport;

/// <summary>The WebRTC library behind <see cref="IMediaPeer"/> in this program (docs/engines.md).</summary>
/// <param name="Name">The word for it in <c>--engine</c>.</param>
/// <param name="Register">Registers its <see cref="MediaPeerFactory"/> in place of the one that is there.</param>
/// <param name="Ports">The words for where calls arrive, of the host's services.</param>
internal sealed record MediaEngine(string Name, Action<IServiceCollection> Register, Func<IServiceProvider, string> Ports)
{
    /// <summary>src/Rtc.</summary>
    public static MediaEngine Own { get; } = new(
        "own", _ => { }, services => $"UDP port {services.GetRequiredService<MediaEndpoint>().Port}");

    /// <summary>Compares the program's engine with the one that was asked for.</summary>
    /// <param name="wanted">The word of the configuration; null when it names none.</param>
    /// <exception cref="HostStartException">This program has another engine.</exception>
    public void Check(string? wanted)
    {
        if (wanted is not null && wanted != Name)
        {
            throw new HostStartException(
                $"This program has the media engine '{Name}', not '{wanted}'; ./run.sh --engine own|sipsorcery builds each.");
        }
    }
}
