using System.Text;
using Bridge.Calls;
using Bridge.Cluster;
using Bridge.Cluster.Nodes;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;

namespace Bridge.Tests.Cluster;

/// <summary>The content of a snapshot, and its readers.</summary>
public sealed class SnapshotTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void A_sealed_snapshot_is_opened_by_its_own_secret_and_for_its_own_call()
    {
        var seal = new SnapshotSeal(Secret);
        var plain = "gyoza"u8.ToArray();
        var closed = seal.Seal("c1", plain);
        Assert.DoesNotContain("gyoza", Encoding.Latin1.GetString(closed), StringComparison.Ordinal);
        Assert.True(new SnapshotSeal(Secret).TryOpen("c1", closed, out var opened));
        Assert.Equal(plain, opened);
        Assert.False(seal.TryOpen("c2", closed, out _));
        Assert.False(new SnapshotSeal(new byte[32]).TryOpen("c1", closed, out _));
        for (var i = 0; i < closed.Length; i++)
        {
            var broken = closed.ToArray();
            broken[i] ^= 1;
            Assert.False(seal.TryOpen("c1", broken, out _), $"byte {i}");
            Assert.False(seal.TryOpen("c1", closed.AsSpan(0, i), out _), $"length {i}");
        }
    }

    [Fact]
    public void The_snapshot_of_the_first_format_is_read()
    {
        var json = File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Vectors", "cluster", "snapshot-1.json"));
        Assert.True(SnapshotFile.TryRead(json, out var call));
        Assert.Equal(("9c01", "waiter", 2), (call.Id, call.Origin.Role, call.Origin.Tokens.Count));
        Assert.True(ConversationLog.TryParse(call.Log, out var log));
        Assert.Equal(["One gyoza, please.", "It is saved."], log.Items.Select(i => i.Text));
        Assert.Equal((12, 0.25m), (call.Usage.InputText, call.Cost!.Value));
        Assert.True(RevivedCall.TryRead(call, TimeSpan.FromMinutes(1), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"call":{}}""")]
    [InlineData("""{"version":1,"call":{"id":"c1"}}""")]
    public void What_is_no_snapshot_is_told_so(string json) => Assert.False(SnapshotFile.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_page_says_what_was_posted_and_nothing_before_the_call_can_go_on()
    {
        var page = new SnapshotPage("c1", 1);
        Assert.False(page.Take(new RecordWrite.Ended("c1", new CallClosing("waiter", default, "hangup", null, 0, null))));
        page.Take(Begun(null));
        Assert.Null(page.Read(DateTimeOffset.UnixEpoch));
        page.Take(Begun("{}"));
        page.Take(new RecordWrite.Tokens("c1", ["t2"]));
        page.Take(Said(0, "u1", "Hello."));
        page.Take(Said(1, "u2", "Are you there?"));
        page.Take(new RecordWrite.Heard("c1", "a1", "Old."));
        page.Take(new RecordWrite.Heard("c1", "a2", "Yes, I"));
        page.Take(new RecordWrite.Bill("c1", new ModelUsage(1, 2, 3, 0, 0, 0, 4, 5), 0.5m));
        var call = page.Read(DateTimeOffset.UnixEpoch)!;
        Assert.True(SnapshotFile.TryRead(SnapshotFile.Write(call), out var read));
        Assert.Equal(["t2"], read.Origin.Tokens);
        Assert.Equal(new Dictionary<string, string> { ["a2"] = "Yes, I" }, read.Heard);
        Assert.Equal((new ModelUsage(1, 2, 3, 0, 0, 0, 4, 5), 0.5m, 2), (read.Usage, read.Cost, read.NextEntry));
        Assert.True(ConversationLog.TryParse(read.Log, out var log));
        Assert.Equal(["Hello.", "Are you there?"], log.Items.Select(i => i.Text));
    }

    [Fact]
    public void Of_store_and_snapshot_the_fuller_one_goes_on_and_the_store_gets_the_rest()
    {
        var (two, three) = (Call(2), Call(3));
        Assert.Null(CallTakeover.Merge(null, null));
        var alone = CallTakeover.Merge(null, two)!;
        Assert.Equal((0, 0), (alone.Written!.Value, alone.NextEntry));
        Assert.Null(CallTakeover.Merge(three, two)!.Written);
        Assert.Same(three.Log, CallTakeover.Merge(three, two)!.Log);
        var merged = CallTakeover.Merge(two, three)!;
        Assert.Same(three.Log, merged.Log);
        Assert.Equal((2, 2), (merged.Written!.Value, merged.NextEntry));
    }

    private static UnfinishedCall Call(int entries)
    {
        var page = new SnapshotPage("c1", 1);
        page.Take(Begun("{}"));
        for (var i = 0; i < entries; i++)
        {
            page.Take(Said(i, $"u{i}", $"Line {i}."));
        }

        return page.Read(DateTimeOffset.UnixEpoch)!;
    }

    private static RecordWrite.Begun Begun(string? resume) =>
        new("c1", new CallOrigin("a", "waiter", "rehearsal", DateTimeOffset.UnixEpoch, null, resume, ["t1"]));

    private static RecordWrite.Entry Said(int number, string id, string text) => new(
        "c1", number,
        new ConversationEntry.ItemAdded(
            TimeSpan.FromSeconds(number), new ModelItem(id, ModelItemKind.UserMessage) { Text = text }, null),
        TranscriptPolicy.Yes);
}
