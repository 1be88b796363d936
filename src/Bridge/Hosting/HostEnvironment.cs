using Bridge.Configuration;

namespace Bridge.Hosting;

/// <summary>The host's inputs from the process around it: environment variables of other products, and the folder of its pages.</summary>
internal static class HostEnvironment
{
    /// <summary>
    /// How lines of the log look on the console unless the configuration says otherwise: one line each, with the time, so that a call's
    /// id finds them; and a console that does not keep up loses lines, for audio waits for no log.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> LogDefaults { get; } = new Dictionary<string, string?>
    {
        ["Logging:Console:QueueFullMode"] = "DropWrite",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z '",
    };

    /// <summary><c>OPENAI_API_KEY</c> and <c>OPENAI_BASE_URL</c> as configuration keys of the host.</summary>
    public static Dictionary<string, string?> Keys()
    {
        var keys = new Dictionary<string, string?>();
        Take("OPENAI_API_KEY", nameof(OpenAiOptions.ApiKey));
        Take("OPENAI_BASE_URL", nameof(OpenAiOptions.BaseUrl));
        return keys;

        void Take(string variable, string property)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            {
                keys[$"{BridgeOptions.Section}:{nameof(BridgeOptions.OpenAi)}:{property}"] = value;
            }
        }
    }

    /// <summary>The folder that holds wwwroot: the working folder, one above it, or one above the program.</summary>
    public static string ContentRoot()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (Directory.Exists(Path.Combine(folder.FullName, "wwwroot")))
                {
                    return folder.FullName;
                }
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
