using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Bridge.Records;

namespace Bridge.Cluster.Nodes;

/// <summary>The form of a snapshot before it is sealed: one JSON object. A new version reads those before it.</summary>
/// <param name="Version">1.</param>
/// <param name="Call">The call; its log holds no sound.</param>
internal sealed record SnapshotFile(int Version, UnfinishedCall Call)
{
    private const int Current = 1;

    /// <summary>Writes a call.</summary>
    public static byte[] Write(UnfinishedCall call) =>
        JsonSerializer.SerializeToUtf8Bytes(new SnapshotFile(Current, call), JsonSerializerOptions.Web);

    /// <summary>Reads <see cref="Write"/>; false when it is none, or of a version to come.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out UnfinishedCall? call)
    {
        call = null;
        try
        {
            var file = JsonSerializer.Deserialize<SnapshotFile>(json, JsonSerializerOptions.Web);
            if (file is
                {
                    Version: Current,
                    Call: { Id: not null, Log: not null, Heard: not null, Origin: { Role: not null, Model: not null, Tokens: not null } },
                })
            {
                call = file.Call;
            }
        }
        catch (JsonException)
        {
            // It is none: the caller gets false.
        }

        return call is not null;
    }
}
