namespace Bridge.Configuration;

/// <summary>
/// Rules of what is kept of calls, where and for how long; configuration section <c>Bridge:Records</c>. docs/operation.md.
/// </summary>
public sealed class RecordOptions
{
    /// <summary>Connection string of a PostgreSQL database (Npgsql's form); empty keeps records in <c>DATA/records.db</c>.</summary>
    public string? Postgres { get; set; }

    /// <summary>
    /// Longest time that a record is kept, whatever its role says: a number with <c>d</c> or <c>h</c>, for instance <c>90d</c>; empty for
    /// no limit.
    /// </summary>
    public string? Keep { get; set; }

    /// <summary>Most that is kept of a conversation's words, whatever its role says: <c>yes</c>, <c>redacted</c> or <c>no</c>.</summary>
    public string Transcript { get; set; } = "yes";

    /// <summary>Most that is kept of a conversation's sound, whatever its role says: <c>none</c>, <c>mixed</c> or <c>tracks</c>.</summary>
    public string Audio { get; set; } = "tracks";

    /// <summary>Megabytes of facts that wait in memory while the store is away; what finds no room is lost, and said.</summary>
    public int QueueMegabytes { get; set; } = 64;

    /// <summary><see cref="Keep"/> as a time; null for no limit.</summary>
    internal TimeSpan? KeepTime =>
        string.IsNullOrEmpty(Keep)
            ? null
            : RoleRecords.TryKeep(Keep, out var time) ? time : throw new InvalidOperationException("Keep was not checked.");

    /// <summary><see cref="QueueMegabytes"/> in bytes.</summary>
    internal long QueueBytes => QueueMegabytes * 1024L * 1024;
}
