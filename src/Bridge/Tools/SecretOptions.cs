using System.ComponentModel;
using System.Globalization;

namespace Bridge.Tools;

/// <summary>
/// One secret of the host, <c>Bridge:Tools:Secrets:NAME</c>: its value, and where it may go. The short form, the value alone,
/// is bound to nothing; a role that sends it to the public internet is told in the log when it is loaded.
/// </summary>
[TypeConverter(typeof(ShortForm))]
public sealed class SecretOptions
{
    /// <summary>The secret itself. It never reaches a log line.</summary>
    public string Value { get; set; } = "";

    /// <summary>Slugs of the roles whose tools may use it; empty for every role.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>
    /// Host names that it may be sent to, <c>*.example.org</c> for all below one; empty for every host, and for programs.
    /// </summary>
    public IList<string> Hosts { get; set; } = [];

    /// <summary>A secret that is bound to nothing.</summary>
    public static implicit operator SecretOptions(string value) => new() { Value = value };

    /// <summary>Why it may not be used so; null when it may.</summary>
    internal string? Refusal(string name, string role, Uri? target)
    {
        if (Roles.Count > 0 && !Roles.Contains(role, StringComparer.Ordinal))
        {
            return $"the secret {name} is not for the role {role}";
        }

        if (Hosts.Count == 0)
        {
            return null;
        }

        return target is null ? $"the secret {name} is for hosts, and not for a program"
            : Hosts.Any(host => Covers(host, target.IdnHost)) ? null
            : $"the secret {name} may not go to {target.IdnHost}";
    }

    private static bool Covers(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);

    private sealed class ShortForm : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            new SecretOptions { Value = (string)value };
    }
}
