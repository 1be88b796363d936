using System.Runtime.InteropServices;
using Bridge.Calls;
using Bridge.Configuration;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>
/// SIGTERM, Ctrl+C and SIGQUIT: the host takes no new calls and stops once the running ones are over, so that the hub and
/// the media port are there until then. In place of the framework's console lifetime, which closes every hub connection
/// at the signal. A second signal ends at once.
/// </summary>
internal sealed class DrainingLifetime(
    CallRegistry calls, IHostApplicationLifetime application, IOptions<BridgeOptions> options, TimeProvider time,
    ILogger<DrainingLifetime> logger, ISystemdNotifier? systemd =
        null) : IHostLifetime, IDisposable
{
    // SignalR cuts its connections when the application stops, whether or not the last notice has left.
    private static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(1);
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    private readonly CancellationTokenSource _hurry = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;
    private volatile int _forced;

    /// <summary>The exit code: 0 when the calls had their time, 128 and the signal's number when a second signal took it.</summary>
    public int ExitCode => _forced;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in Signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }

        application.ApplicationStarted.Register(() => systemd?.Notify(ServiceState.Ready));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _hurry.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        // Or the runtime ends the process.
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            _ = Task.Run(StopAsync);
            return;
        }

        if (Interlocked.CompareExchange(ref _forced, 128 + Number(context.Signal), 0) == 0)
        {
            Log.StoppingAtOnce(logger);
            _hurry.Cancel();
        }
    }

    private async Task StopAsync()
    {
        try
        {
            systemd?.Notify(ServiceState.Stopping);
            var patience = TimeSpan.FromSeconds(options.Value.DrainSeconds);
            var running = calls.Calls.Count();
            Log.Stopping(logger, running, options.Value.DrainSeconds);
            await calls.DrainAsync(patience, _hurry.Token).ConfigureAwait(false);
            if (running > 0 && !_hurry.IsCancellationRequested)
            {
                await Task.Delay(NoticeTime, time).ConfigureAwait(false);
            }
        }
        finally
        {
            application.StopApplication();
        }
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };
}
