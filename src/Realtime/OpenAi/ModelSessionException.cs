namespace Bridge.Realtime.OpenAi;

/// <summary>A model session could not be opened. The message says where and why, without the key.</summary>
public sealed class ModelSessionException : Exception
{
    /// <summary>The service refuses the key, the account or the model: another attempt is refused as well.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The server has no room for another session.</summary>
    public bool IsBusy { get; init; }

    /// <inheritdoc/>
    public ModelSessionException() { }

    /// <inheritdoc/>
    public ModelSessionException(string message) : base(message) { }

    /// <inheritdoc/>
    public ModelSessionException(string message, Exception innerException) : base(message, innerException) { }
}
