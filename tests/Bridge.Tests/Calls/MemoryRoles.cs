using System.Text;
using Bridge.Roles;
using Bridge.Roles.Loading;
using Bridge.Roles.Templates;

namespace Bridge.Tests.Calls;

/// <summary>Roles made of texts, by the loader that reads folders.</summary>
internal sealed class MemoryRoles
{
    private static readonly SharedPartials NoPartials = new(new Dictionary<string, Template>(), "", []);

    private readonly Dictionary<string, Role> _roles = new(StringComparer.Ordinal);
    private int _revision;

    /// <summary>The role of a slug; null when there is none.</summary>
    public Role? Find(string slug) => _roles.GetValueOrDefault(slug);

    /// <summary>Adds a role, or edits it.</summary>
    /// <param name="slug">Its name in every sense.</param>
    /// <param name="yaml">Lines of <c>role.yaml</c> after name and description.</param>
    /// <param name="rehearsal"><c>rehearsal.yaml</c>.</param>
    /// <param name="recap"><c>recap.instruct</c>; null for none.</param>
    /// <param name="outcome"><c>outcome.schema.json</c>; null for none.</param>
    /// <param name="description">In <c>role.yaml</c>.</param>
    public Role Add(
        string slug, string yaml = "", string rehearsal = "", string? recap = null, string? outcome = null,
        string description = "A role of a test.")
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["role.yaml"] = Encoding.UTF8.GetBytes($"name: {slug}\ndescription: {description}\n{yaml}"),
            ["agent.instruct"] = "Be brief.\n"u8.ToArray(),
        };
        if (rehearsal.Length > 0)
        {
            files["rehearsal.yaml"] = Encoding.UTF8.GetBytes(rehearsal);
        }

        if (recap is not null)
        {
            files["recap.instruct"] = Encoding.UTF8.GetBytes(recap);
        }

        if (outcome is not null)
        {
            files["outcome.schema.json"] = Encoding.UTF8.GetBytes(outcome);
        }

        var loaded = RoleLoader.Load(slug, new RoleFiles(files, []), NoPartials, $"r{++_revision}");
        Assert.Empty(loaded.Errors);
        return _roles[slug] = loaded.Role!;
    }
}
