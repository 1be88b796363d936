using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Bridge.Roles.Yaml;

/// <summary>A single value; a plain (unquoted) one has the type that the YAML 1.2 core schema gives it (§10.3.2).</summary>
internal sealed partial class YamlScalar(int line, int column, string text, bool plain) : YamlNode(line, column)
{
    public string Text { get; } = text;

    /// <summary>Unquoted, so that it may be a number, a boolean or null.</summary>
    public bool Plain { get; } = plain;

    public bool IsNull => Plain && (Text is "" or "~" or "null" or "Null" or "NULL");

    public override string Kind => IsNull ? "empty" : $"\"{(Text.Length > 40 ? Text[..40] + "…" : Text)}\"";

    public override int Size => 1;

    public override int Depth => 1;

    private bool MayBeNumber => Plain && Text[0] is (>= '0' and <= '9') or '-' or '+' or '.';

    public bool TryGetBoolean(out bool value)
    {
        value = Text is "true" or "True" or "TRUE";
        return Plain && (value || Text is "false" or "False" or "FALSE");
    }

    /// <summary>Reads a value where nothing but a boolean can stand: <c>on</c> and <c>off</c> too, as YAML 1.1 has them.</summary>
    public bool TryGetSwitch(out bool value)
    {
        value = Plain && Text is ("on" or "On" or "ON");
        return value || (Plain && Text is ("off" or "Off" or "OFF")) || TryGetBoolean(out value);
    }

    public bool TryGetInteger(out long value)
    {
        value = 0;
        if (!Plain)
        {
            return false;
        }

        if (Text.StartsWith("0x", StringComparison.Ordinal))
        {
            return long.TryParse(Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
        }

        return long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    public bool TryGetNumber(out double value)
    {
        value = 0;
        return !IsNull && MayBeNumber && Number().IsMatch(Text)
            && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    public override void WriteTo(Utf8JsonWriter json)
    {
        if (IsNull)
        {
            json.WriteNullValue();
        }
        else if (TryGetBoolean(out var boolean))
        {
            json.WriteBooleanValue(boolean);
        }
        else if (!MayBeNumber)
        {
            json.WriteStringValue(Text);
        }
        else if (JsonNumber().IsMatch(Text))
        {
            // The digits stay as the author wrote them: a price of 4.50 is read out as 4.50.
            json.WriteRawValue(Text, skipInputValidation: true);
        }
        else if (TryGetInteger(out var integer))
        {
            json.WriteNumberValue(integer);
        }
        else if (TryGetNumber(out var number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(Text);
        }
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?$")]
    private static partial Regex JsonNumber();
}
