using Bridge.Flights;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Realtime.Turns;
using Bridge.Recordings;
using Bridge.Rpc;
using Bridge.Telemetry;
using Bridge.Tools;

namespace Bridge.Calls;

/// <summary>The parts of a <see cref="Call"/>; <see cref="CallFactory"/> builds the parts in this order. A part knows only parts before it.</summary>
internal sealed record CallParts
{
    public required CallIdentity Identity { get; init; }

    /// <summary>The call's memory for data from outside.</summary>
    public required CallMemory Memory { get; init; }

    /// <summary>Inputs of the turn machine.</summary>
    public required CallMailbox Mailbox { get; init; }

    /// <summary>Problems and defects, for the operator.</summary>
    public required CallReports Reports { get; init; }

    /// <summary>The role of the moment.</summary>
    public required CallRole Role { get; init; }

    /// <summary>Ends after a goodbye.</summary>
    public required CallEnding Ending { get; init; }

    /// <summary>Usage and its price.</summary>
    public required CallCosts Costs { get; init; }

    /// <summary>Its budget.</summary>
    public required CallBudget Budget { get; init; }

    /// <summary>How long it may last.</summary>
    public required CallMinutes Minutes { get; init; }

    /// <summary>Record and notes.</summary>
    public required CallRecorder Recorder { get; init; }

    /// <summary>Records what the turn machine takes and commands; null: nothing is recorded.</summary>
    public required CallFlight? Flight { get; init; }

    /// <summary>Keeps the sound, when the role asks for it and the page has shown so.</summary>
    public required CallRecording Recording { get; init; }

    /// <summary>Delays, hop by hop.</summary>
    public required CallTimings Timings { get; init; }

    /// <summary>The page's RPC, in both directions.</summary>
    public required RpcPeer Rpc { get; init; }

    /// <summary>The page's view of the call.</summary>
    public required PageView View { get; init; }

    /// <summary>Steps between host and model, for the inspector.</summary>
    public required ModelTrace Trace { get; init; }

    /// <summary>The events of the turns, for the log.</summary>
    public required TurnTrail Trail { get; init; }

    /// <summary>Its spans; null: nobody listens.</summary>
    public required CallTrace? Spans { get; init; }

    /// <summary>The data channel of the moment.</summary>
    public required PageChannel Channel { get; init; }

    /// <summary>Whether the page is there.</summary>
    public required PagePresence Presence { get; init; }

    /// <summary>The model's sessions.</summary>
    public required CallSessions Sessions { get; init; }

    /// <summary>Function calls.</summary>
    public required ToolDispatcher Tools { get; init; }

    /// <summary>Opens what costs the operator.</summary>
    public required CallOpening Opening { get; init; }

    /// <summary>Peer, uplink, playout.</summary>
    public required CallMedia Media { get; init; }

    /// <summary>A sign for answers that take long.</summary>
    public required CallWaiting Waiting { get; init; }

    /// <summary>The requests of the page.</summary>
    public required PageRequests Requests { get; init; }

    /// <summary>Carries out what the machine commands.</summary>
    public required CallCommands Commands { get; init; }

    /// <summary>The way to another host.</summary>
    public required CallDeparture Departure { get; init; }

    /// <summary>Decides.</summary>
    public required ICallMachine Machine { get; init; }

    /// <summary>The parts go on from the call as another host left it; by the thread in the call's mailbox.</summary>
    public void TakeOver(RevivedCall revived, DateTimeOffset now)
    {
        Costs.Restore(revived.Before.Usage, revived.Before.Cost);
        Budget.Restore(revived.Before.Cost ?? 0);
        Minutes.Restore(now - Identity.Started);
        Minutes.Release();
        Recorder.TakeOver(revived);
        View.GoOn(revived.Log);
        Spans?.GoOn(revived.Log.Entries.Count);
    }
}
