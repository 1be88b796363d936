using System.Text.Json;
using Bridge.Configuration;
using Bridge.Realtime.Model;
using Bridge.Store;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Store;

/// <summary>The size of what is kept of a call, and the images of a conversation.</summary>
public sealed class StoredCallStories : IDisposable
{
    private const string Id = "0123456789abcdef";
    private static readonly byte[] Png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-store-").FullName;
    private readonly CallStore _store;

    public StoredCallStories() => _store = new CallStore(Options.Create(new BridgeOptions { Data = _folder }));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData('<')]
    [InlineData('+')]
    [InlineData('\'')]
    [InlineData('&')]
    [InlineData('é')]
    [InlineData('日')]
    public async Task A_text_takes_in_the_file_no_more_than_its_utf8(char letter)
    {
        var text = new string(letter, 100_000);
        await SaveAsync(JsonSerializer.SerializeToElement(new { text }));
        var file = Assert.Single(Directory.GetFiles(_folder, "*.json", SearchOption.AllDirectories));
        Assert.InRange(new FileInfo(file).Length, 0, System.Text.Encoding.UTF8.GetByteCount(text) + 2_000);
        var read = await _store.FindAsync(Id, TestContext.Current.CancellationToken);
        Assert.Equal(text, read!.Conversation!.Value.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Images_are_files_of_their_own_and_the_log_names_them()
    {
        var png = "data:image/png;base64," + Convert.ToBase64String(Png);
        var jpeg = "data:image/jpeg;base64," + Convert.ToBase64String([0xFF, 0xD8, 0xFF, 9]);
        await SaveAsync(JsonSerializer.SerializeToElement(new { entries = new object[] { new { imageUrl = png }, new { imageUrl = jpeg } } }));

        var read = await _store.FindAsync(Id, TestContext.Current.CancellationToken);
        var names = read!.Conversation!.Value.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("imageUrl").GetString()!).ToList();
        Assert.Equal([$"{Id}-1.png", $"{Id}-2.jpg"], names);
        var image = _store.FindImage(Id, names[0]);
        Assert.Equal("image/png", image!.Value.MediaType);
        Assert.Equal(Png, await File.ReadAllBytesAsync(image.Value.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_text_that_only_begins_like_an_image_stays_text()
    {
        await SaveAsync(JsonSerializer.SerializeToElement(new { text = "data:image/png;base64,is how such a URL begins" }));
        var read = await _store.FindAsync(Id, TestContext.Current.CancellationToken);
        Assert.Equal("data:image/png;base64,is how such a URL begins", read!.Conversation!.Value.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("0123456789abcdef-1.json")]
    [InlineData("../0123456789abcdef-1.png")]
    [InlineData("fedcba9876543210-1.png")]
    [InlineData("0123456789abcdef-9.png")]
    [InlineData("")]
    public async Task No_other_file_is_given_out_as_an_image(string name)
    {
        await SaveAsync(JsonSerializer.SerializeToElement(new { imageUrl = "data:image/png;base64," + Convert.ToBase64String(Png) }));
        Assert.Null(_store.FindImage(Id, name));
    }

    private Task SaveAsync(JsonElement conversation) => _store.SaveAsync(
        new CallRecord(Id, "demo", "rehearsal", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "hangup", null, [], new ModelUsage(), null, conversation),
        TestContext.Current.CancellationToken);
}
