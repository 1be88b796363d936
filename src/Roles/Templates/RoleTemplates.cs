using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>The two templates of a role with the variables they are rendered with.</summary>
internal sealed class RoleTemplates
{
    private const int MaxAttributes = 64;
    private const string VerifiedName = "verified";
    private static readonly TemplateShape Text = TemplateShape.Of(TemplateValue.Of(""));

    private readonly Template _agent;
    private readonly Template? _recap;
    private readonly IReadOnlyDictionary<string, Template> _partials;
    private readonly JsonElement _role;
    private readonly JsonElement _tools;
    private readonly JsonElement _data;
    private readonly string _language;

    public RoleTemplates(
        Template agent,
        Template? recap,
        IReadOnlyDictionary<string, Template> partials,
        JsonElement role,
        JsonElement tools,
        JsonElement data,
        string language)
    {
        (_agent, _recap, _partials, _role, _tools, _data, _language) = (agent, recap, partials, role, tools, data, language);
    }

    /// <summary>Checks both templates in every branch; adds what is wrong to <paramref name="errors"/>.</summary>
    /// <param name="brokenData">Data files that can't be read, of which nothing more is said.</param>
    /// <param name="errors">Where errors go.</param>
    public void Check(IReadOnlySet<string> brokenData, List<RoleError> errors)
    {
        var top = new Dictionary<string, TemplateShape>(StringComparer.Ordinal)
        {
            ["role"] = TemplateShape.Of(_role),
            ["tools"] = TemplateShape.Of(_tools),
            ["data"] = TemplateShape.Of(_data) with { OpenMembers = brokenData },
            ["caller"] = TemplateShape.Anything,
            ["date"] = Text,
            ["time"] = Text,
            ["weekday"] = Text,
            ["now"] = Text,
            ["time_zone"] = Text,
            ["locale"] = Text,
        };
        var root = Root(new RoleContext { Now = DateTimeOffset.UnixEpoch });
        foreach (var template in (Template?[])[_agent, _recap])
        {
            var count = errors.Count;
            if (template is null)
            {
                continue;
            }

            TemplateChecker.Check(template, _partials, top, errors);
            var renderer = new TemplateRenderer(_partials, everyBranch: true);
            if (errors.Count == count && !renderer.TryRender(template, root, out _))
            {
                errors.Add(new RoleError(template.File, 0, 0, renderer.IsBudgetSpent
                    ? $"Rendering the template can take more than {TemplateRenderer.MaxSteps:N0} steps; loop over shorter lists, or less "
                        + "often."
                    : $"The rendered instructions can grow beyond {TemplateRenderer.MaxLength:N0} characters; a model follows short ones "
                        + $"better."));
            }
        }
    }

    public string RenderAgent(RoleContext context) => Render(_agent, context);

    public string? RenderRecap(RoleContext context) => _recap is null ? null : Render(_recap, context);

    private string Render(Template template, RoleContext context) =>
        new TemplateRenderer(_partials).TryRender(template, Root(context), out var text)
            ? text
            : throw new InvalidOperationException($"{template.File} grew beyond the bound that it was checked against.");

    private JsonElement Root(RoleContext context)
    {
        var (now, zone) = Local(context);
        var locale = string.IsNullOrWhiteSpace(context.Locale) ? _language : Clean(context.Locale);
        return JsonText.Build(context, (json, _) =>
        {
            json.WriteStartObject();
            json.WritePropertyName("role");
            _role.WriteTo(json);
            json.WritePropertyName("tools");
            _tools.WriteTo(json);
            json.WritePropertyName("data");
            _data.WriteTo(json);
            json.WriteString("date", now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteString("time", now.ToString("HH:mm", CultureInfo.InvariantCulture));
            json.WriteString("weekday", now.ToString("dddd", CultureOf(locale)));
            json.WriteString("now", now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            json.WriteString("time_zone", zone);
            json.WriteString("locale", locale);
            json.WriteStartObject("caller");
            WriteCaller(json, context);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    // Names are cleaned before they are compared: the page could otherwise pose with one that becomes another.
    private static void WriteCaller(Utf8JsonWriter json, RoleContext context)
    {
        var verified = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (context.Verified ?? new Dictionary<string, string>()).Take(MaxAttributes))
        {
            verified[Clean(name)] = Clean(value);
        }

        foreach (var (name, value) in context.Attributes.Take(MaxAttributes))
        {
            var clean = Clean(name);
            if (clean != VerifiedName && !verified.ContainsKey(clean))
            {
                json.WriteString(clean, Clean(value));
            }
        }

        foreach (var (name, value) in verified.Where(attribute => attribute.Key != VerifiedName))
        {
            json.WriteString(name, value);
        }

        if (context.Verified is not null)
        {
            json.WriteStartObject(VerifiedName);
            foreach (var (name, value) in verified)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }
    }

    private static (DateTimeOffset Now, string Zone) Local(RoleContext context) =>
        TimeZoneName.TryFind(context.TimeZone, out var zone)
            ? (TimeZoneInfo.ConvertTime(context.Now, zone), context.TimeZone!)
            : (context.Now, "UTC" + (context.Now.Offset == TimeSpan.Zero ? "" : context.Now.ToString("zzz", CultureInfo.InvariantCulture)));

    private static CultureInfo CultureOf(string locale)
    {
        try
        {
            return CultureInfo.GetCultureInfo(locale, predefinedOnly: true);
        }
        catch (CultureNotFoundException)
        {
            return CultureInfo.InvariantCulture;
        }
    }

    // The page's words about the caller are one line of bounded length: they can't pose as a paragraph of the instructions.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, RoleContext.MaxAttributeLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > RoleContext.MaxAttributeLength)
            {
                break;
            }

            clean.Append(
                Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    ? " "
                    : rune.ToString());
        }

        return clean.ToString().Trim();
    }
}
