using Bridge.Benchmarks.Lab;

namespace Bridge.Benchmarks.Load;

/// <summary>A process that the lab's callers call: the host, or a server of another WebRTC library beside it.</summary>
internal interface ILoadedServer : IDisposable
{
    /// <summary>Where it takes offers (<c>POST /lab/echo</c>).</summary>
    Uri Address { get; }

    /// <summary>The system's number of the process.</summary>
    int Id { get; }

    /// <summary>Its figures; parts that it does not tell are zero.</summary>
    Task<HostProcess.HostFigures> MeasureAsync(bool collect = true);
}
