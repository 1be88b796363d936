using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Calls;

/// <content>The role of a call, and how it changes under it: by an edit, by a transfer, by the tools of the page.</content>
internal sealed partial class Call
{
    private readonly Lock _roleGate = new();
    private bool _released;
    private bool _optionsChanged;

    /// <summary>Roles were edited. One that reloads live goes on with its new text and tools at its next turn.</summary>
    public void RolesEdited()
    {
        lock (_roleGate)
        {
            // Read within the gate: of two edits at once the later one stays, and a transfer is not undone.
            if (!_released && Role.Reload == ReloadPolicy.Live && _services.Roles.Current.Find(Role.Slug) is { } edited && edited.Revision != Role.Revision)
            {
                Use(edited);
            }
        }
    }

    private string? TransferTo(string slug)
    {
        lock (_roleGate)
        {
            if (_services.Roles.Current.Find(slug) is not { } other)
            {
                return $"There is no role {slug}.";
            }

            if (!_released)
            {
                Use(other);
            }

            return null;
        }
    }

    private void Use(Role role)
    {
        Role = role;
        _tools.UseRole(role);
        CheckPrice();
        Page.ShowInfo();
        OptionsChanged();
    }

    // Role and tools change on several threads. The loop reads them when it gets there, so what it tells the machine is
    // never older than what it told before.
    private void OptionsChanged()
    {
        Volatile.Write(ref _optionsChanged, true);

        // Only to wake the loop: in a full mailbox something else does.
        _mailbox.Writer.TryWrite(null);
    }

    private TurnOptions? TryOptions()
    {
        try
        {
            return RoleTurns.Options(Role, _context with { Now = _services.Time.GetUtcNow() }, _tools.Declared, _services.Models.SessionKind(Role));
        }
        catch (InvalidOperationException tooLong)
        {
            // The call goes on with the text that it has.
            Report("role_text", tooLong.Message);
            return null;
        }
    }

    // A limit that can't be kept must not look like one that is.
    private void CheckPrice()
    {
        if (Role.Limits.Cost is not null && !_services.Models.IsRehearsal && _services.PriceOf(Role) is null)
        {
            Log.NoPrice(_logger, Id, Role.Slug, _services.Models.Describe(Role).Name);
        }
    }
}
