namespace Bridge.Roles.Loading;

/// <summary>
/// Watches a folder by the system's notifications, and beside them by looking: rarely where notifications work (they are
/// lost on some mounts), twice a second where the system gave none.
/// </summary>
internal sealed class FolderWatch : IDisposable
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    private readonly string _folder;
    private readonly Func<bool, bool> _reload;
    private readonly Action<Exception> _fail;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ReloadSchedule _schedule = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private FileSystemWatcher? _watcher;
    private string _stamp;
    private bool _reading;
    private bool _disposed;

    /// <summary>Starts watching.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="reload">Reads the folder; its argument says whether errors are to be held, its result whether some were.</param>
    /// <param name="fail">Is told what <paramref name="reload"/> or the watch itself has thrown. The watch goes on.</param>
    /// <param name="time">The clock.</param>
    public FolderWatch(string folder, Func<bool, bool> reload, Action<Exception> fail, TimeProvider time)
    {
        (_folder, _reload, _fail, _time) = (folder, reload, fail, time);
        _origin = time.GetTimestamp();
        _stamp = FolderStamp.Of(folder);

        // Before the watcher, whose first event sets it.
        _timer = time.CreateTimer(_ => Guard(Tick), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _watcher = Start();
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _watcher?.Dispose();
            _timer.Dispose();
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    private TimeSpan Pause => _watcher is null ? Poll : Sweep;

    private FileSystemWatcher? Start()
    {
        try
        {
            var watcher = new FileSystemWatcher(_folder)
            {
                IncludeSubdirectories = true,
                NotifyFilter =
                    NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size
                        | NotifyFilters.CreationTime,
            };
            watcher.Changed += (_, _) => Guard(Touch);
            watcher.Created += (_, _) => Guard(Touch);
            watcher.Deleted += (_, _) => Guard(Touch);
            watcher.Renamed += (_, _) => Guard(Touch);
            watcher.Error += (_, _) => Guard(Lose);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception refused) when (refused is IOException or ArgumentException or UnauthorizedAccessException
            or PlatformNotSupportedException)
        {
            // No folder yet, or the system's watches are used up: looking does as well.
            return null;
        }
    }

    private void Touch()
    {
        lock (_gate)
        {
            _schedule.Touch(Now);
            Arm();
        }
    }

    // Events were dropped, or the folder itself went: look now, and try for a new watcher at the next sweep.
    private void Lose()
    {
        lock (_gate)
        {
            _watcher?.Dispose();
            _watcher = null;
            _schedule.Touch(Now);
            Arm();
        }
    }

    private void Arm()
    {
        if (!_disposed && !_reading)
        {
            var due = _schedule.Due;
            var wait = due is null ? Pause : due.Value - Now;
            _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
        }
    }

    // Timer and notifications run on pool threads, where an exception ends the process.
    private void Guard(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception defect)
        {
            _fail(defect);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_disposed || _reading)
            {
                return;
            }

            _reading = true;
        }

        var held = false;
        try
        {
            held = Read();
        }
        finally
        {
            lock (_gate)
            {
                _reading = false;
                if (held)
                {
                    _schedule.Held(Now);
                }

                Arm();
            }
        }
    }

    // True when the reading held errors back.
    private bool Read()
    {
        var stamp = FolderStamp.Of(_folder);
        bool holdErrors;
        lock (_gate)
        {
            _watcher ??= Start();
            if (_schedule.Due is null && stamp != _stamp)
            {
                _schedule.Touch(Now);
            }

            if (!_schedule.TryTake(Now, out holdErrors))
            {
                return false;
            }
        }

        // Before the files are read: what changes meanwhile is seen at the next look.
        _stamp = stamp;
        return _reload(holdErrors);
    }
}
