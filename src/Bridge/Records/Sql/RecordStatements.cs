using System.Text;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Records.Sql;

/// <summary>The statements for each fact. Every statement may be carried out twice.</summary>
internal static class RecordStatements
{
    private const string RecapLine = "recap";
    private static readonly string Delays = SqlChartReader.Delays("@p0");

    /// <summary>Adds the statements of a fact.</summary>
    /// <param name="write">The fact.</param>
    /// <param name="now">When it is written, microseconds since 1970.</param>
    /// <param name="statements">Where they are added.</param>
    public static void Add(RecordWrite write, long now, List<Statement> statements)
    {
        switch (write)
        {
            case RecordWrite.Begun(var call, var origin):
                statements.Add(new(
                    """
                    insert into calls (id, owner, role, model, caller, started, usage, missing, resume) values (@p0, @p1, @p2, @p3, @p4, @p5, @p6, 0, @p7)
                    on conflict (id) do nothing
                    """,
                    call, origin.Owner, origin.Role, origin.Model, origin.Caller, RecordValues.Microseconds(origin.Started),
                    RecordValues.Usage(new ModelUsage()), origin.Resume));
                AddTokens(call, origin.Tokens, statements);
                break;
            case RecordWrite.Entry entry:
                AddEntry(entry, statements);
                break;
            case RecordWrite.Heard(var call, var item, var text):
                statements.Add(new(
                    "insert into heard (call, item, words) values (@p0, @p1, @p2) on conflict (call, item) do update set words = "
                        + "excluded.words",
                    call, item, text));
                break;
            case RecordWrite.Note(var call, var note):
                AddNote(call, note, statements);
                break;
            case RecordWrite.NoteWithdrawn(var call, var id):
                statements.Add(new("delete from notes where call = @p0 and id = @p1", call, id));
                statements.Add(new("delete from lines where call = @p0 and item = @p1", call, NoteLine(id)));
                break;
            case RecordWrite.Tokens(var call, var hashes):
                AddTokens(call, hashes, statements);
                break;
            case RecordWrite.Bill(var call, var usage, var cost):
                statements.Add(
                    new(
                        "update calls set usage = @p1, cost = @p2 where id = @p0",
                        call,
                        RecordValues.Usage(usage),
                        RecordValues.Billionths(cost)));
                break;
            case RecordWrite.Turn(var call, var number, var times):
                AddTurn(call, number, times, statements);
                break;
            case RecordWrite.Ended(var call, var closing):
                AddEnd(call, closing, statements);
                break;
            case RecordWrite.BudgetWarned:
                break; // the outbox alone keeps it
            case RecordWrite.Probe:
                statements.Add(new("insert into probe (id, at) values (1, @p0) on conflict (id) do update set at = excluded.at", now));
                break;
            default:
                throw new InvalidOperationException($"The store has no place for {write.GetType().Name}.");
        }
    }

    /// <summary>Adds the statements that write a line of words to be found.</summary>
    public static void AddLine(string call, string item, string text, List<Statement> statements)
    {
        var words = SearchWords.Fold(text);
        if (words.Length == 0)
        {
            statements.Add(new("delete from lines where call = @p0 and item = @p1", call, item));
            return;
        }

        statements.Add(new(
            "insert into lines (call, item, words) values (@p0, @p1, @p2) on conflict (call, item) do update set words = excluded.words "
                + "where lines.words <> excluded.words",
            call, item, words));
    }

    /// <summary>Adds the statements that write an image.</summary>
    public static void AddImage(string call, StoredImage image, List<Statement> statements) => statements.Add(new(
        "insert into images (call, name, content) values (@p0, @p1, @p2) on conflict (call, name) do nothing", call, image.Name,
        image.Bytes));

    /// <summary>Adds the statements that write a note.</summary>
    public static void AddNote(string call, CallNote note, List<Statement> statements)
    {
        statements.Add(new(
            """
            insert into notes (call, id, at, title, body, data) values (@p0, @p1, @p2, @p3, @p4, @p5)
            on conflict (call, id) do update set at = excluded.at, title = excluded.title, body = excluded.body, data = excluded.data
            """,
            call, note.Id, RecordValues.Microseconds(note.At), note.Title, note.Text, note.Data?.GetRawText()));
        AddLine(call, NoteLine(note.Id), $"{note.Title} {note.Text}", statements);
    }

    /// <summary>Adds the statements that write an answer's delays.</summary>
    public static void AddTurn(string call, int number, TurnTimes times, List<Statement> statements) => statements.Add(new(
        "insert into turns (call, number, at, model_us, downlink_us) values (@p0, @p1, @p2, @p3, @p4) on conflict (call, number) do nothing",
        call, (long)number, RecordValues.Microseconds(times.At), times.ModelMs is { } model
            ? (long)(model * 1_000)
            : null, (long)(times.DownlinkMs * 1_000)));

    /// <summary>Adds the statements that make a fact's words findable.</summary>
    public static void AddLine(string call, ConversationEntry fact, List<Statement> statements)
    {
        switch (fact)
        {
            case ConversationEntry.ItemAdded(
                _, { Kind: ModelItemKind.UserMessage or ModelItemKind.AgentMessage, Text.Length: > 0 } item, _):
                AddLine(call, item.Id, item.Text, statements);
                break;
            case ConversationEntry.TextKnown(_, var id, var text, _):
                AddLine(call, id, text, statements);
                break;
            case ConversationEntry.Truncated(_, var id, _, _, var heard, _):
                AddLine(call, id, heard, statements);
                break;
            case ConversationEntry.ItemRemoved(_, var id, _):
                statements.Add(new("delete from lines where call = @p0 and item = @p1", call, id));
                break;
        }
    }

    private static void AddEntry(RecordWrite.Entry entry, List<Statement> statements)
    {
        if (Redaction.Apply(entry.Fact, entry.Keeping) is not { } fact)
        {
            return;
        }

        if (fact is ConversationEntry.ItemAdded added && StoredImages.TryTake(entry.Call, entry.Number, added.Item.ImageUrl, out var image))
        {
            AddImage(entry.Call, image, statements);
            fact = added with { Item = added.Item with { ImageUrl = image.Name } };
        }

        statements.Add(new(
            "insert into entries (call, number, body) values (@p0, @p1, @p2) on conflict (call, number) do nothing",
            entry.Call, (long)entry.Number, Encoding.UTF8.GetString(fact.ToJson())));
        AddLine(entry.Call, fact, statements);
        if (fact is ConversationEntry.AudioHeard or ConversationEntry.Truncated or ConversationEntry.ItemRemoved)
        {
            var item = fact switch
            {
                ConversationEntry.AudioHeard heard => heard.ItemId,
                ConversationEntry.Truncated cut => cut.ItemId,
                _ => ((ConversationEntry.ItemRemoved)fact).ItemId,
            };
            statements.Add(new("delete from heard where call = @p0 and item = @p1", entry.Call, item));
        }
    }

    private static void AddTokens(string call, IReadOnlyList<string> hashes, List<Statement> statements)
    {
        statements.Add(new("delete from tokens where call = @p0", call));
        foreach (var hash in hashes)
        {
            statements.Add(new("insert into tokens (hash, call) values (@p0, @p1) on conflict (hash) do nothing", hash, call));
        }
    }

    private static void AddEnd(string call, CallClosing closing, List<Statement> statements)
    {
        statements.Add(new(
            "update calls set role = @p1, ended = @p2, reason = @p3, recap = @p4, outcome = @p5, missing = @p6, keep_until = @p7, "
                + $"resume = null, delays = {Delays} where id = @p0",
            call, closing.Role, RecordValues.Microseconds(closing.Ended), closing.Reason, closing.Recap, closing.Outcome, (long)closing.Missing,
            closing.KeepUntil is { } until ? RecordValues.Microseconds(until) : null));
        statements.Add(new("delete from tokens where call = @p0", call));
        statements.Add(new("delete from heard where call = @p0", call));
        if (closing.Recap is { } recap)
        {
            AddLine(call, RecapLine, recap, statements);
        }
    }

    private static string NoteLine(string id) => "note " + id;
}
