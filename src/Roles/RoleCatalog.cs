using Bridge.Roles.Loading;

namespace Bridge.Roles;

/// <summary>
/// The roles of one folder. Loads at construction; after <see cref="Watch"/> every change of a file is validated and
/// published as a new <see cref="RoleSnapshot"/> within a second. A broken edit keeps the last good role beside its errors.
/// </summary>
public sealed class RoleCatalog : IDisposable
{
    private const int MaxFailures = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _failures = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly CatalogLoader _loader;
    private volatile RoleSnapshot _current;
    private FolderWatch? _watch;

    /// <summary>Loads every role below <paramref name="folder"/>. A missing folder is an empty catalogue with one error.</summary>
    /// <param name="folder">The roles folder.</param>
    /// <param name="time">Clock of the watcher; the system's when null.</param>
    public RoleCatalog(string folder, TimeProvider? time = null)
        : this(folder, time, RoleLoader.Load)
    {
    }

    internal RoleCatalog(string folder, TimeProvider? time, Func<string, RoleFiles, SharedPartials, string, LoadedRole> load)
    {
        Folder = Path.GetFullPath(folder);
        _time = time ?? TimeProvider.System;
        _loader = new CatalogLoader(Folder, load);
        _current = new RoleSnapshot(1, _loader.Load(holdErrors: false, out _, out var errors), errors);
    }

    /// <summary>The roles folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>The latest snapshot.</summary>
    public RoleSnapshot Current => _current;

    /// <summary>
    /// Raised after each publication, on the watcher's thread; the new snapshot is already <see cref="Current"/>. A subscriber
    /// that throws stops neither the others nor the watch.
    /// </summary>
    public event Action<RoleSnapshot>? Changed;

    /// <summary>
    /// Raised once for each defect that the watch or a subscriber of <see cref="Changed"/> has thrown; the watch goes on.
    /// </summary>
    public event Action<Exception>? Failed;

    /// <summary>Starts watching the folder; calling it again does nothing.</summary>
    public void Watch()
    {
        lock (_gate)
        {
            _watch ??= new FolderWatch(Folder, Reload, Fail, _time);
        }

        // Changes between construction and the watch's start.
        Reload();
    }

    /// <summary>Reads the folder now and publishes what changed; returns the current snapshot.</summary>
    public RoleSnapshot Reload()
    {
        Reload(holdErrors: false);
        return _current;
    }

    /// <summary>Stops watching; <see cref="Current"/> stays readable.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _watch?.Dispose();
        }
    }

    private bool Reload(bool holdErrors)
    {
        bool held;
        RoleSnapshot? published = null;
        lock (_gate)
        {
            var entries = _loader.Load(holdErrors, out held, out var errors);
            if (!_current.Equals(entries, errors))
            {
                _current = published = new RoleSnapshot(_current.Version + 1, entries, errors);
            }
        }

        if (published is not null)
        {
            Publish(published);
        }

        return held;
    }

    private void Publish(RoleSnapshot snapshot)
    {
        foreach (var subscriber in Changed?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<RoleSnapshot>)subscriber)(snapshot);
            }
            catch (Exception defect)
            {
                Fail(defect);
            }
        }
    }

    // The same defect comes back with every edit.
    private void Fail(Exception defect)
    {
        var kind = $"{defect.GetType()}|{defect.TargetSite?.DeclaringType}.{defect.TargetSite?.Name}";
        lock (_failures)
        {
            if (_failures.Count >= MaxFailures || !_failures.Add(kind))
            {
                return;
            }
        }

        Failed?.Invoke(defect);
    }
}
