using System.Globalization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The parts of the call's configuration that the service refused: they are left out of every update from then on, and reported once.
/// </summary>
internal sealed class RefusedSettings(TurnContext context)
{
    private const string Tools = "session.tools[";
    private const string Transcription = "session.audio.input.transcription";
    private const string Turns = "session.audio.input.turn_detection";
    private readonly HashSet<string> _fields = new(StringComparer.Ordinal);

    // By their whole declaration: a function that was corrected is tried again.
    private readonly HashSet<string> _tools = new(StringComparer.Ordinal);

    /// <summary>The settings without what was refused.</summary>
    public SessionSettings Apply(SessionSettings settings)
    {
        var without = SessionSettingFields.Without(settings, _fields);
        return _tools.Count == 0 || !without.Tools.Any(IsRefused)
            ? without
            : without with { Tools = [.. without.Tools.Where(tool => !IsRefused(tool))] };
    }

    /// <summary>Another kind of model may take what this one refused.</summary>
    public void Forget()
    {
        _fields.Clear();
        _tools.Clear();
    }

    /// <summary>Leaves out what a server with these habits has not got.</summary>
    public void Lack(ServerHabits habits)
    {
        if (habits.HasFlag(ServerHabits.NoTranscripts) && _fields.Add(Transcription))
        {
            context.Report("no_transcripts", "the model's server does not transcribe the caller");
        }
    }

    /// <summary>Notes what an error names. False: a session can not do without it, or it is not known what it is.</summary>
    /// <param name="error">The service's answer to an update.</param>
    /// <param name="sent">The settings of that update.</param>
    public bool TryNote(ModelEvent.Error error, SessionSettings sent)
    {
        var code = error.Code ?? error.Type;
        if (FindTool(error, sent) is { } tool)
        {
            if (_tools.Add(KeyOf(tool)))
            {
                context.Emit(new TurnCommand.RefuseTool(tool.Name, $"{tool.Name} is left out: the model's service refuses it ({code})."));
            }

            return true;
        }

        if (SessionSettingFields.Find(error.Param ?? (error.Code == "unsupported_turn_detection" ? Turns : null), sent) is not { } field)
        {
            return false;
        }

        if (_fields.Add(field))
        {
            context.Report("setting_refused", $"the model's service refuses {field} ({code}); the session goes on without it");
        }

        return true;
    }

    private static ModelTool? FindTool(ModelEvent.Error error, SessionSettings sent)
    {
        if (error.Param is not { } param || !param.StartsWith("session.tools", StringComparison.Ordinal))
        {
            return null;
        }

        if (param.StartsWith(Tools, StringComparison.Ordinal) && param.IndexOf(']', StringComparison.Ordinal) is var end and > 0
            && int.TryParse(param.AsSpan(Tools.Length, end - Tools.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return index < sent.Tools.Count ? sent.Tools[index] : null;
        }

        // Some services name the function in their sentence alone: Invalid schema for function 'bad_one'.
        return sent.Tools.FirstOrDefault(tool => error.Message.Contains($"'{tool.Name}'", StringComparison.Ordinal));
    }

    private bool IsRefused(ModelTool tool) => _tools.Contains(KeyOf(tool));

    private static string KeyOf(ModelTool tool) =>
        $"{tool.Name}\n{tool.Description}\n"
            + (tool.Parameters.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : tool.Parameters.GetRawText());
}
