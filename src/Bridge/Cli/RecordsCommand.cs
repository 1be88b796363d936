using System.CommandLine;
using System.Text.Json;
using Bridge.Records;
using Bridge.Records.Sql;

namespace Bridge.Cli;

/// <summary>
/// <c>Bridge records export</c>, <c>import</c> and <c>erase</c>: the records of calls without a running host, or beside one.
/// </summary>
internal static class RecordsCommand
{
    private static readonly Argument<string> Source = new("source")
    {
        Description = "File of JSON Lines, or a folder of records that an earlier version kept as files; those are removed once they are taken over.",
        HelpName = "PATH",
    };

    private static readonly Option<string[]> Call = new("--call")
    {
        Description = "A call that is over; repeatable.",
        HelpName = "ID",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Caller = new("--caller")
    {
        Description = "The sub of a person's tickets: every call of that person that is over; repeatable.",
        HelpName = "SUB",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Build()
    {
        var export = new Command("export", "Writes every ended call to the output, as JSON Lines.") { CommandSettings.Data };
        export.SetAction((parsed, cancellation) => WithStoreAsync(parsed, async store =>
        {
            var query = new CallQuery { Most = RecordExport.PageSize };
            var first = await store.ListAsync(query, cancellation).ConfigureAwait(false);
            await using var output = Console.OpenStandardOutput();
            await RecordExport.WriteAsync(store, query, first, output, cancellation).ConfigureAwait(false);
            return 0;
        }));
        var import = new Command("import", "Takes records in; a call that is there already stays as it is.") { Source, CommandSettings.Data };
        import.SetAction((parsed, cancellation) => WithStoreAsync(parsed, async store =>
        {
            var source = parsed.GetValue(Source)!;
            if (!Path.Exists(source))
            {
                parsed.InvocationConfiguration.Error.WriteLine($"There is no '{source}'.");
                return 2;
            }

            var (taken, left) = Directory.Exists(source)
                ? await new FileImport(store).RunAsync(source, cancellation).ConfigureAwait(false)
                : await LinesAsync(store, source, cancellation).ConfigureAwait(false);
            parsed.InvocationConfiguration.Output.WriteLine($"{taken} calls were taken in; {left} could not be read.");
            return left == 0 ? 0 : 1;
        }));
        var erase = new Command("erase", "Erases calls with all that is kept of them, recordings too; the deletion log says so.")
        {
            Call, Caller, CommandSettings.Data,
        };
        erase.SetAction((parsed, cancellation) => WithStoreAsync(parsed, store => EraseAsync(parsed, store, cancellation)));
        return new Command("records", "The records of calls.") { export, import, erase };
    }

    private static async Task<int> EraseAsync(ParseResult parsed, ICallStore store, CancellationToken cancellation)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        List<Erasure> wanted =
        [
            .. (parsed.GetValue(Call) ?? []).Select(id => new Erasure.OfCall(id)),
            .. (parsed.GetValue(Caller) ?? []).Select(subject => new Erasure.OfCaller(subject)),
        ];
        if (wanted.Count == 0)
        {
            error.WriteLine("Say which: --call ID or --caller SUB.");
            return 2;
        }

        var files = CallFiles.Below(CommandSettings.Read(parsed).Data);
        var (count, code) = (0, 0);
        foreach (var which in wanted)
        {
            var erased = await store.EraseAsync(which, DateTimeOffset.UtcNow, cancellation).ConfigureAwait(false);
            count += erased.Count;
            code = Math.Max(code, erased.Select(id => TryEraseFiles(files, id, error) ? 0 : 1).DefaultIfEmpty().Max());
            if (erased.Count == 0 && which is Erasure.OfCall(var id))
            {
                error.WriteLine($"There is no call '{id}' that is over.");
                code = 1;
            }
        }

        output.WriteLine($"{count} calls were erased. A call that is not over is never among them.");
        return code;
    }

    private static bool TryEraseFiles(CallFiles files, string id, TextWriter error)
    {
        try
        {
            files.Erase(id);
            return true;
        }
        catch (IOException failure)
        {
            error.WriteLine($"The files of call '{id}' are still there ({failure.Message}).");
            return false;
        }
    }

    private static async Task<(int Taken, int Left)> LinesAsync(ICallStore store, string file, CancellationToken cancellation)
    {
        var (taken, left) = (0, 0);
        await foreach (var line in File.ReadLinesAsync(file, cancellation).ConfigureAwait(false))
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (Read(line) is { } record)
            {
                taken += await store.ImportAsync(record, [], cancellation).ConfigureAwait(false) ? 1 : 0;
            }
            else
            {
                left++;
            }
        }

        return (taken, left);
    }

    private static CallRecord? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<CallRecord>(line, CallRecord.Json) is { } record && FileImport.IsWhole(record) ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<int> WithStoreAsync(ParseResult parsed, Func<ICallStore, Task<int>> work)
    {
        await using var store = RecordRegistration.Open(CommandSettings.Read(parsed), TimeProvider.System);
        try
        {
            await store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            return await work(store).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or RecordRefusedException)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"The records can't be used ({failure.Message}).");
            return 2;
        }
    }
}
