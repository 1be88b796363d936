using Bridge.Cli;

var command = RehearsalCommand.BuildRoot();
return await command.Parse(args).InvokeAsync().ConfigureAwait(false);
