using System.Diagnostics;
using System.Globalization;
using Bridge.Cli.Golden;
using Bridge.Roles;
using Bridge.Roles.Golden;

namespace Bridge.Cli;

/// <summary><c>role test</c>: plays the golden conversations of one role or of all.</summary>
internal static class RoleTest
{
    /// <summary>Gives the exit code: 0 all passed, 1 one failed, 2 they can't be played.</summary>
    public static async Task<int> RunAsync(
        string? named, string rolesFolder, GoldenModel model, TextWriter output, CancellationToken cancellation)
    {
        if (!RoleFolder.TryLoad(named, rolesFolder, out var roles, out var refusal))
        {
            await output.WriteLineAsync(refusal).ConfigureAwait(false);
            return 2;
        }

        var errors = roles.Entries.SelectMany(entry => entry.Errors).ToList();
        var conversations = new List<(Role Role, GoldenConversation Conversation)>();
        foreach (var role in roles.Entries.Where(entry => entry.Errors.Count == 0).Select(entry => entry.Role!))
        {
            conversations.AddRange(GoldenConversation.Load(roles.Root, role, errors)
                .Where(conversation => roles.Conversation is null || conversation.File == roles.Conversation)
                .Select(conversation => (role, conversation)));
        }

        foreach (var error in errors.Distinct())
        {
            await output.WriteLineAsync($"error   {roles.Place(error)}").ConfigureAwait(false);
        }

        var started = Stopwatch.GetTimestamp();
        var report = new GoldenReport(output, roles.Snapshot, model);
        foreach (var (role, conversation) in conversations)
        {
            await report.PlayAsync(role, conversation, cancellation).ConfigureAwait(false);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
        await output.WriteLineAsync($"{report.Passed} passed, {report.Failed} failed, against {model.Name} in {seconds} s.")
            .ConfigureAwait(false);
        return errors.Count > 0 ? 2 : report.Failed > 0 ? 1 : 0;
    }
}
