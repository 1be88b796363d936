namespace Bridge.Realtime.OpenAi;

/// <summary>Which Realtime protocol a server speaks.</summary>
public enum ServerProfile
{
    /// <summary>What <c>session.created</c> tells.</summary>
    Auto,

    /// <summary>The protocol since general availability: OpenAI, Azure OpenAI.</summary>
    Current,

    /// <summary>The protocol before: old event names, session settings at the top.</summary>
    Beta,
}
