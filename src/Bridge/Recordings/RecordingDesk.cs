using Bridge.Audio.Ogg;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Records;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Recordings;

/// <summary>The recordings of a host: what a call needs to be recorded, and what was recorded of it.</summary>
internal sealed class RecordingDesk(
    CallFiles files, HostClock clock, BridgeMetrics metrics, IOptions<BridgeOptions> options, ILogger<RecordingDesk> logger)
{
    /// <summary>Files of calls.</summary>
    public CallFiles Files => files;

    /// <summary>The host's.</summary>
    public HostClock Clock => clock;

    /// <summary>Counts recordings that fail.</summary>
    public BridgeMetrics Metrics => metrics;

    /// <summary>Told of recordings that fail.</summary>
    public ILogger Logger => logger;

    /// <summary>Bytes of one recording's tracks at most; 512 MB are three days of talk, and no call is as long.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>The host's and the role's rules together: what is kept of a call with these records.</summary>
    public RecordPolicy PolicyOf(RoleRecords records) => RecordPolicy.Of(records, options.Value.Records);

    /// <summary>The recordings of a call; null when it has none.</summary>
    /// <exception cref="IOException">They can't be read.</exception>
    public IReadOnlyList<AudioPart>? Find(string call)
    {
        List<AudioPart> parts = [];
        foreach (var notes in files.Find(call, RecordingNotes.Name, RecordingNotes.Ending))
        {
            if (RecordingNotes.TryRead(notes, out var header, out var marks))
            {
                var tracks = header.Tracks.Select(name => Track(call, name)).OfType<AudioTrack>().ToList();
                parts.Add(new AudioPart(header.Started, header.State, header.Why, tracks, marks));
            }
        }

        return parts.Count > 0 ? parts : null;
    }

    /// <summary>The file of a track; null when there is none of that name.</summary>
    public FileInfo? File(string call, string name) =>
        RecordingFiles.SideOf(name) is { } side
            && files.Find(call, side, RecordingFiles.Ending).FirstOrDefault(path => Path.GetFileName(path) == name) is { } path
            ? new FileInfo(path)
            : null;

    /// <summary>Removes the recordings of a call.</summary>
    /// <exception cref="IOException">A file could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">A file could not be removed.</exception>
    public void Erase(string call)
    {
        foreach (var side in RecordingFiles.Sides)
        {
            files.Erase(call, side, RecordingFiles.Ending);
        }

        files.Erase(call, RecordingNotes.Name, RecordingNotes.Ending);
    }

    /// <summary>Ends the recordings of a call whose host crashed: what is written of them stays.</summary>
    public void CloseLeft(string call)
    {
        try
        {
            foreach (var path in files.Find(call, RecordingNotes.Name, RecordingNotes.Ending))
            {
                if (RecordingNotes.TryRead(path, out var header, out _) && header.State == RecordingNotes.On)
                {
                    foreach (var name in header.Tracks)
                    {
                        Close(call, name);
                    }

                    RecordingNotes.Rewrite(path, header with { State = RecordingNotes.Interrupted });
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.RecordingNotClosed(logger, call, failure);
        }
    }

    private void Close(string call, string name)
    {
        if (File(call, name) is { } file)
        {
            using var stream = file.Open(FileMode.Open, FileAccess.ReadWrite);
            OggFile.Close(stream);
        }
    }

    private AudioTrack? Track(string call, string name)
    {
        if (RecordingFiles.SideOf(name) is not { } side || File(call, name) is not { } file)
        {
            return null;
        }

        using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new AudioTrack(name, side, Math.Round(OggFile.Length(stream).TotalSeconds, 3), stream.Length);
    }
}
