using System.Runtime.InteropServices;

namespace Bridge.Native.Timing;

/// <summary>
/// Lets one thread sleep until a moment, to some tens of microseconds, and any other thread wake it before. On Linux by
/// <c>ppoll(2)</c> on an <c>eventfd(2)</c>; elsewhere by the runtime's own wait, whose unit is the millisecond.
/// </summary>
internal sealed unsafe partial class WakeableTimer : IDisposable
{
    private const int NonBlocking = 0x800; // EFD_NONBLOCK
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC
    private const short PollIn = 1;

    private readonly EventDescriptor? _event;
    private readonly AutoResetEvent _fallback = new(false);

    /// <summary>Makes a timer.</summary>
    public WakeableTimer()
    {
        if (OperatingSystem.IsLinux())
        {
            var descriptor = new EventDescriptor(Eventfd(0, NonBlocking | CloseOnExec));
            if (descriptor.IsInvalid)
            {
                descriptor.Dispose(); // out of descriptors: the coarse wait still works
            }
            else
            {
                _event = descriptor;
            }
        }
    }

    /// <summary>Sleeps until the time is over or another thread calls <see cref="Wake"/>. May return early.</summary>
    /// <param name="timeout">How long at most; null for no limit.</param>
    public void Wait(TimeSpan? timeout)
    {
        if (_event is null)
        {
            _fallback.WaitOne(
                timeout is { } time
                    ? TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(time.TotalMilliseconds)))
                    : Timeout.InfiniteTimeSpan);
            return;
        }

        long ticks = Math.Max(0, timeout?.Ticks ?? 0);
        var spec = new TimeSpec
        {
            Seconds = (nint)(ticks / TimeSpan.TicksPerSecond),
            Nanoseconds = (nint)(ticks % TimeSpan.TicksPerSecond * 100),
        };
        var poll = new PollDescriptor { Descriptor = _event.Number, Events = PollIn };
        if (Ppoll(&poll, 1, timeout is null ? null : &spec, null) > 0)
        {
            ulong count;
            _ = Read(_event, &count, sizeof(ulong));
        }
    }

    /// <summary>Ends the wait that is under way, or else the next one.</summary>
    public void Wake()
    {
        if (_event is null)
        {
            _fallback.Set();
            return;
        }

        ulong one = 1;
        _ = Write(_event, &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _event?.Dispose();
        _fallback.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int Eventfd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Ppoll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(EventDescriptor descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(EventDescriptor descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    private sealed class EventDescriptor : SafeHandle
    {
        internal EventDescriptor(int descriptor)
            : base(-1, ownsHandle: true) => SetHandle(descriptor);

        public override bool IsInvalid => handle < 0;

        internal int Number => (int)handle;

        protected override bool ReleaseHandle() => CloseDescriptor((int)handle) == 0;
    }
}
