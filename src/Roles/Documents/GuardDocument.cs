using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>guard:</c> of a role.</summary>
internal sealed class GuardDocument
{
    [Description("Regular expressions (.NET, without look-around and back-references); letter case is ignored.")]
    public List<string>? Patterns { get; set; }

    [Description("A web hook that is asked before words are heard.")]
    public HttpDocument? Hook { get; set; }

    [Description("How long the web hook may take; when it is over, on_error decides.")]
    public int? TimeoutMs { get; set; }

    [Description("block: an answer that the web hook did not judge is not heard. allow: it is.")]
    public string? OnError { get; set; }

    [Description("The sentence that is said in place of an answer that was blocked.")]
    public string? Say { get; set; }
}
