namespace Bridge.Cli.Golden;

/// <summary>Stands for the speaker: tracks play one after the other at their own length.</summary>
internal sealed class GoldenPlayout
{
    private readonly List<Track> _tracks = [];

    public bool IsIdle => _tracks.Count == 0;

    /// <summary>When the track that plays will have been played; null while more of it may come.</summary>
    public TimeSpan? NextDeadline => _tracks is [{ Finished: true } first, ..] ? first.Start + first.Length : null;

    public void Append(TimeSpan now, string name, TimeSpan length)
    {
        var track = _tracks.Find(candidate => candidate.Name == name);
        if (track is null)
        {
            _tracks.Add(track = new Track(name, now));
        }

        track.Length += length;
    }

    public void Finish(string name)
    {
        if (_tracks.Find(candidate => candidate.Name == name) is { } track)
        {
            track.Finished = true;
        }
    }

    /// <summary>Takes a track whose end has come.</summary>
    public bool TryTakeFinished(TimeSpan now, out string name, out int milliseconds)
    {
        (name, milliseconds) = ("", 0);
        if (NextDeadline is not { } due || due > now)
        {
            return false;
        }

        (name, milliseconds) = (_tracks[0].Name, (int)_tracks[0].Length.TotalMilliseconds);
        _tracks.RemoveAt(0);
        if (_tracks.Count > 0)
        {
            _tracks[0].Start = due;
        }

        return true;
    }

    /// <summary>Empties the speaker; gives the track that was playing, and how far.</summary>
    public (string? Name, int Milliseconds) Clear(TimeSpan now)
    {
        var playing = _tracks.Count == 0 ? null : _tracks[0];
        _tracks.Clear();
        return playing is null
            ? (null, 0)
            : (playing.Name, (int)Math.Min(playing.Length.TotalMilliseconds, (now - playing.Start).TotalMilliseconds));
    }

    private sealed class Track(string name, TimeSpan start)
    {
        public string Name => name;

        public TimeSpan Start { get; set; } = start;

        public TimeSpan Length { get; set; }

        public bool Finished { get; set; }
    }
}
