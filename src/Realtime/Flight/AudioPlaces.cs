using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>
/// Names the audio of one call without its samples. A piece that the model sent gets the next number; a command that plays it, or
/// part of it, is written with that number and the place in the piece.
/// </summary>
internal sealed class AudioPlaces
{
    private readonly ConditionalWeakTable<byte[], Piece> _pieces = [];
    private int _next;

    /// <summary>The same input with a blank in place of its audio.</summary>
    public TurnInput Take(TurnInput input)
    {
        if (input is not TurnInput.ModelEventReceived { Event: ModelEvent.AudioDelta delta } received)
        {
            return input;
        }

        var number = _next++;
        if (MemoryMarshal.TryGetArray(delta.Pcm, out var array) && array.Array is { Length: > 0 } samples)
        {
            _pieces.AddOrUpdate(samples, new Piece(number, array.Offset));
        }

        return received with { Event = delta with { Pcm = new AudioBlank(number, delta.Pcm.Length).Memory } };
    }

    /// <summary>The same command with a blank in place of its audio.</summary>
    public TurnCommand Name(TurnCommand command)
    {
        if (command is not TurnCommand.PlayAudio play || MemoryMarshal.TryGetMemoryManager<byte, AudioBlank>(play.Pcm, out _)
            || !MemoryMarshal.TryGetArray(play.Pcm, out var array) || array.Array is null
            || !_pieces.TryGetValue(array.Array, out var piece))
        {
            return command;
        }

        var start = array.Offset - piece.Offset;
        return play with { Pcm = new AudioBlank(piece.Number, start + array.Count).Memory[start..] };
    }

    private sealed record Piece(int Number, int Offset);
}
