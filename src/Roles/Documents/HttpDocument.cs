using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>http:</c> of a tool.</summary>
internal sealed class HttpDocument
{
    [Description("Absolute URL; the arguments are POSTed as JSON.")]
    public string? Url { get; set; }

    [Description("Request headers; ${NAME} stands for the server's secret of that name.")]
    public Dictionary<string, string>? Headers { get; set; }

    [Description("Whether the same call may be sent again.")]
    public bool? Idempotent { get; set; }

    [Description("Attempts after the first; needs idempotent.")]
    public int? Retries { get; set; }

    [Description("Asks for addresses inside the network; the server must allow them too.")]
    public bool? AllowPrivate { get; set; }
}
