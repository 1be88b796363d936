using System.Runtime.InteropServices;

namespace Bridge.Native.OpenSsl;

/// <summary>Keeps one handle alive through several native calls. Dispose it, and it lets the handle go.</summary>
internal readonly ref struct HandleUse
{
    private readonly SafeHandle _handle;

    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    internal HandleUse(SafeHandle handle)
    {
        bool held = false;
        handle.DangerousAddRef(ref held);
        _handle = handle;
    }

    internal nint Pointer => _handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
