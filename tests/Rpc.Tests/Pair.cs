using System.Text;
using System.Text.Json;

namespace Bridge.Rpc.Tests;

/// <summary>A server and a page with a wire of memory between them, in virtual time.</summary>
internal sealed class Pair
{
    public Pair(RpcOptions? serverOptions = null, RpcOptions? pageOptions = null, bool attach = true, OnceJournal? journal = null)
    {
        Server = new RpcPeer(serverOptions ?? new RpcOptions(), Time);
        Page = new PagePeer(pageOptions ?? new RpcOptions(), Time, journal);
        if (attach)
        {
            Connect();
        }
    }

    public ManualTime Time { get; } = new();

    public RpcPeer Server { get; }

    public PagePeer Page { get; set; }

    public MemoryPort FromServer { get; private set; } = new();

    public MemoryPort FromPage { get; private set; } = new();

    /// <summary>Messages that reached a peer.</summary>
    public int Delivered { get; private set; }

    /// <summary>A new channel; what the old one held is lost.</summary>
    public void Connect()
    {
        FromServer = new MemoryPort();
        FromPage = new MemoryPort();
        Server.Attach(FromServer);
        Page.Attach(FromPage);
    }

    public void Cut()
    {
        Server.Detach();
        Page.Detach();
        FromServer.Queued.Clear();
        FromPage.Queued.Clear();
    }

    public bool DeliverOne()
    {
        // Alternating, so that both directions are half way at most moments.
        return Delivered % 2 == 0 ? ToPage() || ToServer() : ToServer() || ToPage();
    }

    private bool ToPage()
    {
        if (!FromServer.TryTake(out var message))
        {
            return false;
        }

        Delivered++;
        Page.Receive(message);
        return true;
    }

    private bool ToServer()
    {
        if (!FromPage.TryTake(out var message))
        {
            return false;
        }

        Delivered++;
        Server.Receive(message);
        return true;
    }

    public void Deliver()
    {
        for (var i = 0; i < 1_000_000; i++)
        {
            if (!DeliverOne())
            {
                return;
            }
        }

        Assert.Fail("The wire never falls silent.");
    }

    /// <summary>The page's answer when this text comes in.</summary>
    public string[] PageAnswers(string text)
    {
        var before = FromPage.Sent.Count;
        Page.Receive(Encoding.UTF8.GetBytes(text));
        return [.. FromPage.Sent.Skip(before)];
    }

    public static JsonElement Json(string text) => JsonElement.Parse(text);

    public static Func<JsonElement, RpcContext, ValueTask<object?>> Returns(object? value) => (_, _) => ValueTask.FromResult(value);

    public static Func<JsonElement, OnceContext, ValueTask<object?>> ReturnsOnce(object? value) => (_, _) => ValueTask.FromResult(value);
}
