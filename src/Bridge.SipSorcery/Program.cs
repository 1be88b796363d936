using Bridge.Cli;
using Bridge.Hosting;
using Bridge.SipSorcery;

return await BridgeCommand
    .RunAsync(args, (switches, cancellation) => BridgeHost.RunAsync(switches, SipSorceryEngine.Engine, cancellation))
    .ConfigureAwait(false);
