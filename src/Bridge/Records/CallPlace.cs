using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Bridge.Records;

/// <summary>A call's place in the list, newest first: its beginning, and its id among those of the same microsecond.</summary>
internal sealed record CallPlace(DateTimeOffset Started, string Id)
{
    /// <summary>Where a call stands.</summary>
    public static CallPlace Of(CallRecord call) => new(call.Started, call.Id);

    /// <summary>Reads <see cref="ToString"/>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CallPlace? place)
    {
        place = text.Split('-', 2) is [var time, { Length: > 0 and <= 64 } id]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var micros) && micros < RecordValues.MaxMicroseconds
            ? new CallPlace(RecordValues.Time(micros), id)
            : null;
        return place is not null;
    }

    /// <summary>The place in a URL.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RecordValues.Microseconds(Started)}-{Id}");
}
