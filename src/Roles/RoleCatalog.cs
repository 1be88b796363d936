namespace Bridge.Roles;

/// <summary>
/// The roles of one folder. Loads at construction; after <see cref="Watch"/> every change of a file is validated and
/// published as a new <see cref="RoleSnapshot"/> within a second. A broken edit keeps the last good role beside its errors.
/// </summary>
public sealed class RoleCatalog : IDisposable
{
    /// <summary>Loads every role below <paramref name="folder"/>. A missing folder is an empty catalogue with one error.</summary>
    /// <param name="folder">The roles folder.</param>
    /// <param name="time">Clock of the debounce; the system's when null.</param>
    public RoleCatalog(string folder, TimeProvider? time = null)
    {
        Folder = Path.GetFullPath(folder);
        _ = time;
        Current = new RoleSnapshot(1, []);
    }

    /// <summary>The roles folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>The latest snapshot.</summary>
    public RoleSnapshot Current { get; }

    /// <summary>Raised after each publication, on the watcher's thread; the new snapshot is already <see cref="Current"/>.</summary>
    public event Action<RoleSnapshot>? Changed;

    /// <summary>Starts watching the folder; calling it again does nothing.</summary>
    public void Watch() => throw new NotImplementedException();

    /// <summary>Reads the folder now and publishes what changed; returns the current snapshot.</summary>
    public RoleSnapshot Reload()
    {
        Changed?.Invoke(Current);
        throw new NotImplementedException();
    }

    /// <summary>Stops watching; <see cref="Current"/> stays readable.</summary>
    public void Dispose()
    {
    }
}
