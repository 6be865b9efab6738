using Rollcall.Cli.Commands;

return await RollcallCommand.InvokeAsync(CliContext.OfConsole(), args, CancellationToken.None);
