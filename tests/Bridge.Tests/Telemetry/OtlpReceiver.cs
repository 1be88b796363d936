using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Telemetry;

/// <summary>
/// A stand-in for a collector: OTLP over HTTP on loopback. It reads the protobuf of what comes with Google's library, field by field as
/// opentelemetry-proto 1 numbers them.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Everything that came, as bytes.</summary>
    public IEnumerable<byte[]> Bodies => _received.Select(r => r.Body);

    /// <summary>Spans (ResourceSpans 1, ScopeSpans 2, Span 2).</summary>
    public IReadOnlyList<ProtoMessage> Spans => Records("/v1/traces");

    /// <summary>Log lines (ResourceLogs 1, ScopeLogs 2, LogRecord 2).</summary>
    public IReadOnlyList<ProtoMessage> Lines => Records("/v1/logs");

    /// <summary>Metrics (ResourceMetrics 1, ScopeMetrics 2, Metric 2).</summary>
    public IReadOnlyList<ProtoMessage> Metrics => Records("/v1/metrics");

    /// <summary>Attributes of the resources.</summary>
    public IEnumerable<KeyValuePair<string, string>> Resource =>
        _received.SelectMany(r => ProtoMessage.Parse(r.Body).Messages(1)).SelectMany(r => r.Messages(1)).SelectMany(r => r.Attributes(1));

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/{signal}", (Delegate)receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private IReadOnlyList<ProtoMessage> Records(string path) =>
        [.. _received.Where(r => r.Path == path).SelectMany(r => ProtoMessage.Parse(r.Body).Messages(1)).SelectMany(r => r.Messages(2))
            .SelectMany(scope => scope.Messages(2))];

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        if (request.ContentType != "application/x-protobuf")
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        _received.Enqueue((request.Path, body.ToArray()));
        return Results.Bytes([], "application/x-protobuf");
    }

    /// <summary>A message by the numbers of its fields.</summary>
    internal sealed class ProtoMessage
    {
        private readonly List<(int Field, ByteString Bytes)> _fields = [];

        public static ProtoMessage Parse(ByteString bytes) => Parse(bytes.ToByteArray());

        public static ProtoMessage Parse(byte[] bytes)
        {
            var message = new ProtoMessage();
            var input = new CodedInputStream(bytes);
            while (input.ReadTag() is not 0 and var tag)
            {
                if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                {
                    message._fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadBytes()));
                }
                else
                {
                    input.SkipLastField();
                }
            }

            return message;
        }

        public IEnumerable<ProtoMessage> Messages(int field) => _fields.Where(f => f.Field == field).Select(f => Parse(f.Bytes));

        public string Text(int field) => _fields.Find(f => f.Field == field).Bytes?.ToStringUtf8() ?? "";

        public string Hex(int field) => Convert.ToHexStringLower(_fields.Find(f => f.Field == field).Bytes?.ToByteArray() ?? []);

        /// <summary>KeyValue: key 1, value 2, of which text is field 1.</summary>
        public IEnumerable<KeyValuePair<string, string>> Attributes(int field) =>
            Messages(field).Select(pair => KeyValuePair.Create(pair.Text(1), pair.Messages(2).FirstOrDefault()?.Text(1) ?? ""));
    }
}
