using Bridge.Roles;

namespace Bridge.Cli;

/// <summary>Finds the keys of a role that a full-duplex model has no use for, one sentence each.</summary>
internal static class LiveAdvice
{
    /// <summary>Nothing for a role whose model takes turns, but the words that only a full-duplex model says.</summary>
    public static IEnumerable<string> Of(Role role)
    {
        if (!role.Model.IsLive)
        {
            return role.Words.Greeting.Length > 0
                ? ["words: greeting is said by full-duplex models alone; this one greets as agent.instruct says."]
                : [];
        }

        var turn = new TurnSettings();
        var model = new ModelSettings();
        (bool IsWritten, string Key, string Why)[] keys =
        [
            (role.Turn.Mode != turn.Mode, "turn: mode", "the model takes its own turns"),
            (role.Turn.Threshold != turn.Threshold || role.Turn.PrefixPadding != turn.PrefixPadding || role.Turn.Silence != turn.Silence
                || role.Turn.Eagerness != turn.Eagerness, "turn: threshold, prefix_padding_ms, silence_ms and eagerness",
                    "the model takes its own turns"),
            (role.Turn.Preemptive != turn.Preemptive, "turn: preemptive", "the model answers as soon as it likes"),
            (role.Turn.WhileSpeaking != turn.WhileSpeaking || role.Turn.WhileThinking != turn.WhileThinking, "turn: interrupt",
                "the model alone decides whether it is interrupted"),
            (!role.Turn.ListeningSounds.SequenceEqual(turn.ListeningSounds), "turn: listening_sounds", "the model knows them"),
            (role.Voice.Speed != 1.0, "voice: speed", "the model has no pace to be set; say it in agent.instruct"),
            (role.Model.NoiseReduction is not null, "model: noise_reduction", "the model hears the sound as it is"),
            (role.Model.Transcription != model.Transcription, "model: transcription",
                "both sides are always transcribed, by the model itself"),
            (role.Model.Truncation != model.Truncation || role.Model.RetentionRatio is not null, "model: truncation",
                "the service compacts by itself"),
            (role.Model.Tracing, "model: tracing", "the service writes no traces"),
            (role.Model.PromptId is not null, "model: prompt_id", "the service holds no prompts for it"),
            (role.Model.DelegatesToHost && role.Model.ReasoningEffort is not null, "model: reasoning_effort",
                "it is of a backend model (delegation: responses)"),
            (role.Model.DelegatesToHost && role.Model.ParallelToolCalls is not null, "model: parallel_tool_calls",
                "it is of a backend model (delegation: responses)"),
        ];
        return keys.Where(key => key.IsWritten).Select(key => $"{key.Key} does not apply to a full-duplex model: {key.Why}.");
    }
}
