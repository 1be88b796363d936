using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Bridge.Records;
using Microsoft.AspNetCore.Mvc;

namespace Bridge.Hosting;

/// <summary>The query of <c>/api/calls</c> as it came; texts, so that what is wrong with one can be said.</summary>
internal sealed record RecordQuery
{
    private const int MaxLength = 200;
    private const int DefaultMost = 100;
    private const int MaxMost = 1_000;

    /// <summary>Calls on a page, 1 to 1,000; 100 when absent.</summary>
    [FromQuery(Name = "most")]
    public string? Most { get; init; }

    /// <summary>Where the page before ended, from its Link header.</summary>
    [FromQuery(Name = "after")]
    public string? After { get; init; }

    /// <summary>Words that were heard, noted or summed up.</summary>
    [FromQuery(Name = "q")]
    public string? Words { get; init; }

    /// <summary>Slug of the role.</summary>
    [FromQuery(Name = "role")]
    public string? Role { get; init; }

    /// <summary><c>sub</c> of the caller's ticket.</summary>
    [FromQuery(Name = "caller")]
    public string? Caller { get; init; }

    /// <summary>Name of the model that answered.</summary>
    [FromQuery(Name = "model")]
    public string? Model { get; init; }

    /// <summary>Why the call ended.</summary>
    [FromQuery(Name = "reason")]
    public string? Reason { get; init; }

    /// <summary>Begun at this time or later, ISO 8601.</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>Begun before this time, ISO 8601.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }

    /// <summary>US dollars that it cost at least.</summary>
    [FromQuery(Name = "minCost")]
    public string? MinCost { get; init; }

    /// <summary>US dollars that it cost at most.</summary>
    [FromQuery(Name = "maxCost")]
    public string? MaxCost { get; init; }

    /// <summary>The query; or a sentence that says what is wrong with it.</summary>
    public bool TryRead([NotNullWhen(true)] out CallQuery? query, [NotNullWhen(false)] out string? wrong)
    {
        query = null;
        CallPlace? place = null;
        wrong = new[] { Words, Role, Caller, Model, Reason, After }.Any(
            text => text?.Length > MaxLength) ? $"A filter has at most {MaxLength} characters."
            : !string.IsNullOrEmpty(After)
                && !CallPlace.TryParse(After, out place) ? "after: it comes from the Link header of the page before."
            : null;
        string?[] numbers =
        [
            Number(Most, out var most),
            Time("from", From, out var from),
            Time("to", To, out var to),
            Dollars("minCost", MinCost, out var minCost),
            Dollars("maxCost", MaxCost, out var maxCost),
        ];
        wrong ??= numbers.FirstOrDefault(sentence => sentence is not null);
        if (wrong is not null)
        {
            return false;
        }

        query = new CallQuery
        {
            Most = most,
            After = place,
            Words = Given(Words),
            Role = Given(Role),
            Caller = Given(Caller),
            Model = Given(Model),
            Reason = Given(Reason),
            From = from,
            To = to,
            MinCost = minCost,
            MaxCost = maxCost,
        };
        return true;
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string? Number(string? text, out int value)
    {
        value = DefaultMost;
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            return $"most: a number from 1 to {MaxMost} is expected.";
        }

        value = Math.Clamp(value, 1, MaxMost);
        return null;
    }

    private static string? Time(string name, string? text, out DateTimeOffset? value)
    {
        value = null;
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        // A plus of an offset that was not escaped has become a space.
        var read = DateTimeOffset.TryParse(
            text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        value = read ? time : null;
        return read ? null : $"{name}: a time is expected, such as 2026-11-30 or 2026-11-30T08:00:00Z.";
    }

    private static string? Dollars(string name, string? text, out decimal? value)
    {
        value = null;
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var read = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars);
        value = read ? dollars : null;
        return read ? null : $"{name}: a number of US dollars is expected, such as 0.25.";
    }
}
