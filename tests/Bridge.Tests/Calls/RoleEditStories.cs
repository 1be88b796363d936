using Bridge.Audio;
using Bridge.Calls;
using Bridge.Hosting;
using Bridge.Metrics;
using Bridge.Realtime;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Store;
using Bridge.Tools;
using Bridge.Transport;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Calls;

/// <summary>Edits of a role that meet a call at its two ends: while it opens, and when it is over.</summary>
public sealed class RoleEditStories : IAsyncLifetime
{
    private readonly string _roles = Directory.CreateTempSubdirectory("edited-roles").FullName;
    private RunningHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RoleCatalog Catalog => _host.Get<RoleCatalog>();

    public async ValueTask InitializeAsync()
    {
        Edit("at first");
        _host = await RunningHost.StartAsync(("Roles", _roles));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_roles, recursive: true);
    }

    [Fact]
    public async Task A_call_that_opens_while_its_role_is_edited_is_told()
    {
        var edit = new EditAtFirstLook(() =>
        {
            Edit("meanwhile");
            Catalog.Reload();
        });
        var calls = new CallRegistry(
            Catalog, Services(edit), _host.Get<IHubContext<SignalHub, ISignalClient>>(), _host.Get<IOptions<BridgeOptions>>(), NullLogger<CallRegistry>.Instance);
        await calls.JoinAsync("connection", new JoinRequest("edited"), Cancellation);
        Assert.True(edit.Made);
        Assert.Equal("meanwhile", Assert.Single(calls.Calls).Role.Description);
        await calls.DrainAsync(Cancellation);
    }

    [Fact]
    public async Task An_edit_after_the_end_of_a_call_changes_nothing_of_it_and_breaks_nothing()
    {
        var call = new Call("c057", Catalog.Current.Find("edited")!, new RoleContext { Now = DateTimeOffset.UtcNow }, Services(TimeProvider.System));
        call.Start();
        Edit("once more");
        Catalog.Reload();
        call.RolesEdited();
        Assert.Equal("once more", call.Role.Description);
        await call.DisposeAsync();

        Edit("too late");
        Assert.Equal("too late", Catalog.Reload().Find("edited")!.Description);
        call.RolesEdited();
        Assert.Equal("once more", call.Role.Description);
    }

    private void Edit(string description)
    {
        var role = Directory.CreateDirectory(Path.Combine(_roles, "edited")).FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), $"name: Edited\ndescription: {description}\n");
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "Be brief.\n");
    }

    private CallServices Services(TimeProvider time) => new(
        observer => new ScriptedPage(observer), _host.Get<PacketClock>(), _host.Get<ModelDirectory>(), time, _host.Get<CallStore>(),
        _host.Get<BridgeMetrics>(), _host.Get<ToolServices>(), Catalog, _host.Get<IOptions<BridgeOptions>>(), NullLogger<Call>.Instance);

    /// <summary>Somebody saves a file just when a call that was asked for looks at the clock, before it is in any list.</summary>
    private sealed class EditAtFirstLook(Action edit) : TimeProvider
    {
        public bool Made { get; private set; }

        public override DateTimeOffset GetUtcNow()
        {
            if (!Made)
            {
                Made = true;
                edit();
            }

            return base.GetUtcNow();
        }
    }
}
