using System.Text;
using System.Text.Json;
using Bridge.Rpc;

namespace Bridge.Fuzz.Targets;

/// <summary>JSON-RPC messages, into the envelope reader beside System.Text.Json, and into a peer with a handler.</summary>
internal sealed class JsonRpcTarget : FuzzTarget, IMessagePort
{
    private int _answers;

    public override string Name => "json-rpc";

    public override int LongestInput => 4096;

    public override long AllocationLimit => 2 * 1024 * 1024;

    public override int ShortRun => 10_000;

    public long BufferedAmount => 0;

    public int MaxMessageSize => 65_536;

    public override IEnumerable<byte[]> Seeds() =>
    [
        """{"jsonrpc":"2.0","id":1,"method":"page/text","params":{"text":"hi"}}"""u8.ToArray(),
        """{"jsonrpc":"2.0","id":"a-7","method":"page/hello","params":[1,2.5e3,null,true,"\u00fc"]}"""u8.ToArray(),
        """{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"""u8.ToArray(),
        """{"jsonrpc":"2.0","method":"$/progress","params":{"token":1,"value":{"kind":"report"}}}"""u8.ToArray(),
        """{"jsonrpc":"2.0","id":1,"result":{"shown":true}}"""u8.ToArray(),
        """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no","data":[[[]]]}}"""u8.ToArray(),
        """[{"jsonrpc":"2.0","method":"page/mute","params":{"muted":true}},{"jsonrpc":"2.0","id":3,"method":"nobody"}]"""u8.ToArray(),
        """ { "method" : "x" , "id" : null , "jsonrpc" : "2.0" } """u8.ToArray(),
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        bool isJson = Envelope.TryParse(input, 64, out Envelope envelope, out int errorAt);
        Require(isJson || errorAt <= input.Length, "The place of the error lies behind the end.");
        bool reference = IsJson(input);
        if (isJson && envelope.Kind != EnvelopeKind.Invalid)
        {
            Require(reference, "A message passed that is no JSON.");
        }

        _answers = 0;
        RpcPeer peer = new(new RpcOptions(), TimeProvider.System);
        peer.Handle("page/text", (_, _) => ValueTask.FromResult<object?>(null));
        peer.Attach(this);
        peer.Receive(input);
        peer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return HashCode.Combine(
            isJson, reference, envelope.Kind, envelope.Id is null, envelope.Params.IsEmpty, envelope.Problem, Math.Min(_answers, 3));
    }

    public bool TrySend(ReadOnlySpan<byte> utf8)
    {
        _answers++;
        Require(IsJson(utf8), "An answer is no JSON: " + Encoding.UTF8.GetString(utf8));
        return true;
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            Utf8JsonReader reader = new(text, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
