using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>records:</c> of role.yaml.</summary>
internal sealed class RecordsDocument
{
    [Description("How long a call's record is kept: days or hours, such as 30d or 12h. The host may keep it shorter.")]
    public string? Keep { get; set; }

    [Description("What is kept of the words: yes, redacted (addresses and long numbers are replaced) or no. The host may keep less.")]
    public string? Transcript { get; set; }

    [Description("What is kept of the sound, once the page has shown so: none, mixed (one stereo file) or tracks (a file for each side). "
        + "The host may keep less.")]
    public string? Audio { get; set; }
}
