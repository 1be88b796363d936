using Bridge.Cli;
using Bridge.Hosting;

return await BridgeCommand.Build(BridgeHost.RunAsync).Parse(args).InvokeAsync().ConfigureAwait(false);
