using System.Globalization;
using Bridge.Audio.Ogg;
using Bridge.Records;

namespace Bridge.Recordings;

/// <summary>
/// The files of one recording on one clock: a track for each side, or one in stereo, and the notes beside them. One task at a time.
/// </summary>
internal sealed class RecordingFiles : IDisposable
{
    /// <summary>Ending of a track.</summary>
    public const string Ending = ".opus";

    /// <summary>Names that tracks have.</summary>
    public static readonly IReadOnlyList<string> Sides = ["caller", "agent", "mixed"];

    private readonly long _maxBytes;
    private readonly List<FileStream> _files = [];
    private readonly OpusTrack _caller;
    private readonly OpusTrack _agent;
    private readonly OggStereoWriter? _both;
    private readonly Action _finish;
    private readonly RecordingNotes _notes;
    private readonly byte[] _payload = new byte[RecordingRing.MaxPayload];

    /// <param name="files">Where files of calls are.</param>
    /// <param name="call">The call.</param>
    /// <param name="form">One file a side, or one for both.</param>
    /// <param name="started">The time of the first sample.</param>
    /// <param name="maxBytes">Size at which it is over.</param>
    /// <exception cref="IOException">They can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be made.</exception>
    public RecordingFiles(CallFiles files, string call, AudioPolicy form, DateTimeOffset started, long maxBytes)
    {
        _maxBytes = maxBytes;
        try
        {
            if (form == AudioPolicy.Mixed)
            {
                _both = new OggStereoWriter(Create("mixed"), 1, Comments("TRACK=mixed"));
                (_caller, _agent, _finish) = (new OpusTrack(_both.Left, true), new OpusTrack(_both.Right, false), _both.Finish);
            }
            else
            {
                var caller = new OggOpusWriter(Create("caller"), 1, Comments("TRACK=caller"));
                var agent = new OggOpusWriter(Create("agent"), 2, Comments("TRACK=agent"));
                (_caller, _agent, _finish) = (new OpusTrack(caller, true), new OpusTrack(agent, false), () =>
                {
                    caller.Finish();
                    agent.Finish();
                });
            }

            var names = _files.Select(file => Path.GetFileName(file.Name)).ToList();
            _notes = new RecordingNotes(
                files.Create(call, RecordingNotes.Name, RecordingNotes.Ending, buffered: false),
                new RecordingNotes.Header(started, names, RecordingNotes.On));
        }
        catch
        {
            _files.ForEach(file => file.Dispose());
            throw;
        }

        FileStream Create(string side)
        {
            _files.Add(files.Create(call, side, Ending, buffered: false));
            return _files[^1];
        }

        string[] Comments(string track) => [track, $"CALL={call}", $"DATE={started.ToString("O", CultureInfo.InvariantCulture)}"];
    }

    /// <summary>Packets that are not in the files: late, double, or no Opus.</summary>
    public long Dropped => _caller.Dropped + _agent.Dropped + (_both?.Dropped ?? 0);

    /// <summary>The side that the file of a track is of, by its name; null for a name that no track has.</summary>
    public static string? SideOf(string name) => Sides.FirstOrDefault(side => name.StartsWith(side, StringComparison.Ordinal));

    /// <summary>Writes what a tap holds. False: the files are as large as they may be.</summary>
    /// <exception cref="IOException">They take no more.</exception>
    public bool Write(RecordingTap tap, TimeSpan now)
    {
        Take(tap.Caller, _caller);
        Take(tap.Agent, _agent);
        _caller.Advance(now);
        _agent.Advance(now);
        while (tap.TryTakeMark(out var mark))
        {
            _notes.Write(mark);
        }

        return _files.Sum(file => file.Length) < _maxBytes;
    }

    /// <summary>The recording is over: both sides get the same length, and the files their ends.</summary>
    /// <exception cref="IOException">They take no more.</exception>
    public void Finish(TimeSpan end, string? why)
    {
        _caller.Finish(end);
        _agent.Finish(end);
        _finish();
        _notes.End(why is null ? RecordingNotes.Complete : RecordingNotes.Failed, why);
    }

    /// <summary>The disk takes no more: what is written stays, and the notes say so. Needs no room.</summary>
    /// <exception cref="IOException">Not even that.</exception>
    public void Break(string why)
    {
        _files.ForEach(OggFile.Close);
        _notes.End(RecordingNotes.Failed, why);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _files.ForEach(file => file.Dispose());
        _notes.Dispose();
    }

    private void Take(RecordingRing ring, OpusTrack track)
    {
        while (ring.Take(_payload, out var at, out var source, out var timestamp) is >= 0 and var length)
        {
            track.Take(at, source, timestamp, _payload.AsSpan(0, length));
        }
    }
}
