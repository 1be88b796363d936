using Bridge.Cli;
using Bridge.Hosting;

return await BridgeCommand.RunAsync(args, BridgeHost.RunAsync).ConfigureAwait(false);
