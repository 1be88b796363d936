using System.Text.Json.Nodes;

namespace Bridge.Rehearsal;

/// <summary>Events of a session as another server writes them.</summary>
internal static class GuiseEvents
{
    /// <summary>The event that stands for the <c>response.done</c> of a response that failed.</summary>
    public static JsonObject Failure(GuiseHabits habits) => new()
    {
        ["type"] = "error",
        ["event_id"] = "event_TODO",
        ["error"] = habits.HasFlag(GuiseHabits.Speaches)
            ? new JsonObject { ["type"] = "server_error", ["message"] = "APIError: failed" }
            : new JsonObject { ["type"] = ServiceError.InvalidRequest, ["code"] = "inference_failed", ["message"] = "backend error" },
    };

    public static JsonObject Aged(GuiseHabits habits, JsonObject e, string type)
    {
        e["type"] = GuiseShapes.OldName(type);
        JsonArray output = e["response"]?["output"] as JsonArray ?? [];
        foreach (var item in output.Append(e["item"]).Append(e["part"]))
        {
            GuiseShapes.Content(item, "output_text", "text");
            GuiseShapes.Content(item, "output_audio", "audio");
        }

        if (habits.HasFlag(GuiseHabits.Speaches))
        {
            (e["response"] as JsonObject)?.Remove("usage");
            (e["response"] as JsonObject)?.Remove("metadata");
            _ = type == "response.function_call_arguments.done" && e.Remove("name");
        }

        return e;
    }

    public static void Session(GuiseHabits habits, JsonObject e)
    {
        if (e["session"] is not JsonObject session)
        {
            return;
        }

        if (habits.HasFlag(GuiseHabits.Beta))
        {
            e["session"] = GuiseShapes.OldSession(session, habits.HasFlag(GuiseHabits.Speaches));
        }

        if (habits.HasFlag(GuiseHabits.UnnamedSpeech))
        {
            e["event_id"] = "event_TODO";
        }

        if ((habits & (GuiseHabits.CodeInType | GuiseHabits.UnnamedSpeech)) != 0)
        {
            session.Remove("expires_at");
        }

        if (habits.HasFlag(GuiseHabits.CodeInType))
        {
            session.Remove("model");
            session.Remove("object");
        }
    }

    public static void Error(GuiseHabits habits, JsonObject? error)
    {
        if (error is not null && habits.HasFlag(GuiseHabits.CodeInType))
        {
            error["type"] = error["code"]?.DeepClone();
            error.Remove("code");
            error.Remove("param");
        }
        else if (error is not null && habits.HasFlag(GuiseHabits.UnnamedSpeech))
        {
            error["event_id"] = "event_TODO";
        }
    }
}
