namespace Bridge.Realtime.Model;

/// <summary>The kind of a conversation item, on the wire's <c>type</c> and <c>role</c>.</summary>
public enum ModelItemKind
{
    /// <summary><c>message</c> of <c>role: user</c>: typed text, an image, or spoken audio with its transcript.</summary>
    UserMessage,

    /// <summary><c>message</c> of <c>role: assistant</c>: text, or audio with its transcript.</summary>
    AgentMessage,

    /// <summary><c>message</c> of <c>role: system</c>: text that neither of the two said.</summary>
    SystemMessage,

    /// <summary><c>function_call</c>: the model asks for a function.</summary>
    FunctionCall,

    /// <summary><c>function_call_output</c>: the answer to one function call.</summary>
    FunctionOutput,

    /// <summary>
    /// <c>item_reference</c>: an item that the session's conversation has, by its id; only in <see cref="ResponseSettings.Input"/>.
    /// </summary>
    Reference,

    /// <summary>A type this build does not know (an MCP listing, something newer); carried by id only.</summary>
    Other,
}
