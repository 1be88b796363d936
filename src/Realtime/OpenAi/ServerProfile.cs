using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>A kind of Realtime server: its name (<c>Bridge:OpenAi:Profile</c>) and its habits.</summary>
/// <param name="Name">Lower case; <c>auto</c> stands for what <c>session.created</c> shows.</param>
/// <param name="Habits">How it deviates from OpenAI's.</param>
public sealed record ServerProfile(string Name, ServerHabits Habits)
{
    /// <summary>The transcription model that OpenAI recommends. Another address gets it only from a role that names it.</summary>
    public const string OpenAiTranscription = "gpt-transcribe";

    /// <summary>The fields of <c>session.created</c>.</summary>
    public static ServerProfile Auto { get; } = new("auto", ServerHabits.None);

    /// <summary>The protocol since general availability.</summary>
    public static ServerProfile OpenAi { get; } = new("openai", ServerHabits.None);

    /// <summary>All profiles. The habits were read in each server's source (docs/models.md).</summary>
    public static IReadOnlyList<ServerProfile> All { get; } =
    [
        Auto,
        OpenAi,
        new("azure", ServerHabits.None),
        new("beta", ServerHabits.BetaShape),
        new(
            "localai",
            ServerHabits.AnswersTurns | ServerHabits.NoTruncate | ServerHabits.ErrorEndsResponse | ServerHabits.UnnamedSpeech
                | ServerHabits.OwnTranscription),
        new(
            "speaches",
            ServerHabits.BetaShape | ServerHabits.FullTurnDetection | ServerHabits.NoOutOfBand | ServerHabits.NoTruncate
                | ServerHabits.NoCancel | ServerHabits.NoMetadata | ServerHabits.ErrorEndsResponse | ServerHabits.OwnTranscription
                | ServerHabits.LevelDetectionOnly),
        new("vllm-omni", ServerHabits.NoOutOfBand | ServerHabits.NoTranscripts | ServerHabits.LevelDetectionOnly),
        new(
            "huggingface",
            ServerHabits.AnswersTurns | ServerHabits.OneSession | ServerHabits.NoCommitted | ServerHabits.NoDelete
                | ServerHabits.OwnTranscription | ServerHabits.LevelDetectionOnly),
    ];

    /// <summary>The profile of this name; null: there is none.</summary>
    public static ServerProfile? Find(string name) => All.FirstOrDefault(profile => profile.Name == name);

    /// <summary>The profile that runs: this one, or, for <see cref="Auto"/>, the one that the server's first event looks like.</summary>
    /// <param name="looksLike">As <see cref="ModelEvent.SessionCreated.LooksLike"/>.</param>
    /// <param name="isProviders">The address is OpenAI's or Azure's.</param>
    public ServerProfile Resolve(string looksLike, bool isProviders)
    {
        if (Name != Auto.Name)
        {
            return this;
        }

        var seen = Find(looksLike) ?? OpenAi;
        return isProviders ? seen : seen with { Habits = seen.Habits | ServerHabits.MayNotConfirm };
    }
}
