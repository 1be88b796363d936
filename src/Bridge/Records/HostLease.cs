using System.Security.Cryptography;
using Bridge.Configuration;

namespace Bridge.Records;

/// <summary>
/// Names this process among those that have held calls over one data folder, and finds those that are dead: each holds a
/// file of <c>DATA/hosts</c> locked for as long as it lives. The system releases the lock with the process, however it ends.
/// </summary>
internal sealed class HostLease : IDisposable
{
    private readonly string _folder;
    private readonly string _file;
    private FileStream? _own;

    /// <param name="data">The host's data folder.</param>
    public HostLease(string data)
    {
        _folder = Path.Combine(data, "hosts");
        Owner = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        _file = Path.Combine(_folder, Owner);
    }

    /// <summary>This process: calls that it holds carry it.</summary>
    public string Owner { get; }

    /// <summary>Locks this process's file.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public void Hold()
    {
        try
        {
            // Seen by others only once it is locked; a lock belongs to the file, not to its name.
            var hidden = Path.Combine(_folder, "." + Owner);
            Directory.CreateDirectory(_folder);
            _own = new FileStream(hidden, OwnerOnly.New(FileShare.None));
            File.Move(hidden, _file);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    /// <summary>Processes that are dead. Until <see cref="Dead.Dispose"/> no other process is given the same.</summary>
    public Dead FindDead()
    {
        var locks = new List<FileStream>();
        foreach (var file in Directory.EnumerateFiles(_folder).Where(f => Path.GetFileName(f) is var name && name[0] != '.'
            && name != Owner))
        {
            try
            {
                locks.Add(new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                // It lives, or another process has just found it dead.
            }
        }

        return new Dead(locks);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_own is not null)
        {
            File.Delete(_file);
            _own.Dispose();
        }
    }

    /// <summary>Processes that are dead.</summary>
    internal sealed class Dead(IReadOnlyList<FileStream> locks) : IDisposable
    {
        /// <summary>Their names.</summary>
        public IReadOnlyList<string> Owners { get; } = [.. locks.Select(l => Path.GetFileName(l.Name))];

        /// <summary>Their calls belong to another process now: they are forgotten.</summary>
        public void Forget()
        {
            foreach (var held in locks)
            {
                File.Delete(held.Name);
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            foreach (var held in locks)
            {
                held.Dispose();
            }
        }
    }
}
