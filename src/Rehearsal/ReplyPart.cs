namespace Bridge.Rehearsal;

/// <summary>One thing a response is going to do.</summary>
internal abstract class ReplyPart
{
    /// <summary>Say (or write) a text.</summary>
    public sealed class Line(string text) : ReplyPart
    {
        public string Text { get; set; } = text;

        /// <summary>The spoken text, 24 kHz mono; null until the voice has delivered it.</summary>
        public ReadOnlyMemory<short>? Pcm { get; set; }
    }

    /// <summary>Call a function.</summary>
    public sealed class Call(string name, string arguments, string callId) : ReplyPart
    {
        public string Name => name;

        public string Arguments => arguments;

        public string CallId => callId;
    }
}
