using System.Collections.Concurrent;
using Bridge.Roles;

namespace Bridge.RehearsalHosting;

/// <summary>
/// The scripts of roles with <c>reload: snapshot</c>, by model name: a call that opens another session after an edit still
/// plays the script it began with. A snapshot is known as long as a call holds it.
/// </summary>
internal sealed class KeptScripts
{
    private readonly ConcurrentDictionary<string, WeakReference<Role>> _roles = new(StringComparer.Ordinal);

    /// <summary>Keeps the role's script; gives the model name that plays it.</summary>
    public string Keep(Role role)
    {
        foreach (var (name, held) in _roles)
        {
            if (!held.TryGetTarget(out _))
            {
                _roles.TryRemove(new(name, held));
            }
        }

        var model = RehearsalVoices.ModelOf(role);
        _roles[model] = new WeakReference<Role>(role);
        return model;
    }

    /// <summary>The script of that model name; null when no call keeps it.</summary>
    public RehearsalScript? Find(string model) =>
        _roles.TryGetValue(model, out var held) && held.TryGetTarget(out var role) ? role.Rehearsal : null;
}
