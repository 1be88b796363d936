namespace Bridge.Tools;

/// <summary>A function of the application has failed; the model is told why by the message. It hears no word of other exceptions.</summary>
public sealed class ToolException : Exception
{
    /// <summary>A failure without a reason.</summary>
    public ToolException()
        : base("The function failed.")
    {
    }

    /// <summary>A failure with its reason: a sentence that the model may repeat to the caller.</summary>
    public ToolException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="ToolException(string)"/>
    public ToolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
