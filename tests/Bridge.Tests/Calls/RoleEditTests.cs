using Bridge.Calls;
using Bridge.Roles;
using Bridge.Signaling;

namespace Bridge.Tests.Calls;

/// <summary>Edits of a role that meet a call at its two ends: while it opens, and when it is over.</summary>
public sealed class RoleEditTests : IDisposable
{
    private readonly string _roles = Directory.CreateTempSubdirectory("edited-roles").FullName;
    private readonly RoleCatalog _catalog;

    public RoleEditTests()
    {
        Edit("at first");
        _catalog = new RoleCatalog(_roles);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _catalog.Dispose();
        Directory.Delete(_roles, recursive: true);
    }

    [Fact]
    public async Task A_call_that_opens_while_its_role_is_edited_is_told()
    {
        var edit = new DeedAtFirstLook(() =>
        {
            Edit("meanwhile");
            _catalog.Reload();
        });
        using var calls = new VirtualCalls(edit);
        var registry = calls.Registry(_catalog, out _);
        await registry.JoinAsync(new HubCaller("connection"), new JoinRequest("edited"), Cancellation);
        Assert.True(edit.Done);
        Assert.Equal("meanwhile", Assert.Single(registry.Calls).Role.Description);
        await registry.DrainAsync(TimeSpan.Zero, Cancellation);
    }

    [Fact]
    public async Task An_edit_after_the_end_of_a_call_changes_nothing_of_it_and_breaks_nothing()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("edited", description: "at first");
        var call = calls.Start("edited");
        calls.Roles.Add("edited", description: "once more");
        call.RolesEdited();
        Assert.Equal("once more", call.Role.Description);
        await calls.EndAsync(call, call.DisposeAsync());

        calls.Roles.Add("edited", description: "too late");
        call.RolesEdited();
        Assert.Equal("once more", call.Role.Description);
    }

    [Fact]
    public async Task A_text_that_the_callers_attributes_make_too_long_refuses_the_call_and_an_edit_to_one_is_left_out()
    {
        var attributes = Enumerable.Range(0, 32).ToDictionary(i => $"a{i}", _ => new string('x', 500));
        using var parts = new VirtualCalls();
        var calls = parts.Registry(_catalog, out _);
        await calls.JoinAsync(new HubCaller("one"), new JoinRequest("edited", Attributes: attributes), Cancellation);
        File.WriteAllText(
            Path.Combine(Directory.CreateDirectory(Path.Combine(_roles, "edited", "data")).FullName, "n.json"),
            $"[{string.Join(',', Enumerable.Range(0, 100))}]");
        File.WriteAllText(
            Path.Combine(_roles, "edited", "agent.instruct"), "{{#each data.n}}{{#each @root.caller}}{{this}}{{/each}}{{/each}}");
        Assert.Empty(_catalog.Reload().Entries.Single().Errors);

        var call = Assert.Single(calls.Calls);
        call.RolesEdited();
        var refusal = await Assert.ThrowsAsync<SignalRefusal>(
            () => calls.JoinAsync(new HubCaller("two"), new JoinRequest("edited", Attributes: attributes), Cancellation));
        Assert.Equal("With these attributes of the caller the role's text is longer than it may be.", refusal.Message);
        await calls.JoinAsync(new HubCaller("three"), new JoinRequest("edited"), Cancellation);
        Assert.Equal(2, calls.Calls.Count());
        call.Post(new Realtime.Turns.TurnInput.HangUpRequested(CallEnd.Hangup));
        Assert.Equal(CallEnd.Hangup, await call.Ended.WaitAsync(Cancellation));
        await calls.DrainAsync(TimeSpan.Zero, Cancellation);
    }

    private void Edit(string description)
    {
        var role = Directory.CreateDirectory(Path.Combine(_roles, "edited")).FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), $"name: Edited\ndescription: {description}\n");
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "Be brief.\n");
    }
}
