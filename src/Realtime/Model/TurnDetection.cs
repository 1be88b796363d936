using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Model;

/// <summary>
/// How the service finds the end of the caller's turn: <see cref="ServerVad"/> or <see cref="SemanticVad"/>.
/// <c>create_response</c> and <c>interrupt_response</c> are always sent as false: the <see cref="TurnMachine"/> alone
/// decides when a response starts or stops (docs/conversation.md says why).
/// </summary>
public abstract record TurnDetection;
