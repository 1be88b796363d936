using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Rules of <c>Bridge:Records</c>.</summary>
internal sealed class RecordOptionsValidator : AbstractValidator<RecordOptions>
{
    public RecordOptionsValidator()
    {
        RuleFor(o => o.Keep).Must(k => string.IsNullOrEmpty(k) || RoleRecords.TryKeep(k, out _))
            .WithMessage(o => $"Records:Keep: '{o.Keep}' is no time; it looks like 90d or 12h.");
        RuleFor(o => o.Transcript).Must(t => t is "yes" or "redacted" or "no")
            .WithMessage(o => $"Records:Transcript: '{o.Transcript}' is none of 'yes', 'redacted' and 'no'.");
        RuleFor(o => o.Audio).Must(a => a is "none" or "mixed" or "tracks")
            .WithMessage(o => $"Records:Audio: '{o.Audio}' is none of 'none', 'mixed' and 'tracks'.");
        RuleFor(o => o.QueueMegabytes).InclusiveBetween(1, 4096).WithName("Records:QueueMegabytes");
        RuleFor(o => o.Postgres).Must(IsConnection)
            .WithMessage(
                "Records:Postgres is no connection string of Npgsql; it looks like Host=db;Database=bridge;Username=bridge;Password=...");
    }

    // The text may hold a password, and is not repeated.
    private static bool IsConnection(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) || new Npgsql.NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }
}
