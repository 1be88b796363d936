using System.Globalization;

namespace Bridge.Records.Sql;

/// <summary>The outbox in the tables of <see cref="RecordSchema"/>.</summary>
internal sealed class SqlOutbox(IRecordDialect dialect, IReadOnlyList<OutboxHook> hooks) : IOutbox
{
    private const string Key = "call = @p0 and type = @p1 and subject = @p2 and hook = @p3";

    /// <inheritdoc/>
    public event Action? Added;

    /// <summary>Adds the statements that put the events of a fact into the outbox.</summary>
    /// <param name="write">The fact.</param>
    /// <param name="now">When it is written, microseconds since 1970.</param>
    /// <param name="statements">Where they are added, behind those of the fact.</param>
    /// <returns>True when there were any.</returns>
    public bool Add(RecordWrite write, long now, List<Statement> statements)
    {
        switch (write)
        {
            case RecordWrite.Begun(var call, var origin):
                return Add(call, "call.started", "", RecordValues.Microseconds(origin.Started), now, statements);
            case RecordWrite.Ended(var call, var closing):
                return Add(call, "call.ended", "", RecordValues.Microseconds(closing.Ended), now, statements);
            case RecordWrite.Note(var call, var note):
                return Add(call, "note.saved", note.Id, RecordValues.Microseconds(note.At), now, statements);
            case RecordWrite.NoteWithdrawn(var call, var id):
                statements.Add(new("delete from outbox where call = @p0 and type = 'note.saved' and subject = @p1", call, id));
                return false;
            case RecordWrite.BudgetWarned(var call, var code, var at):
                return Add(call, "budget.warning", code, RecordValues.Microseconds(at), now, statements);
            default:
                return false;
        }
    }

    /// <summary>Tells that what was added is committed.</summary>
    public void Tell() => Added?.Invoke();

    /// <inheritdoc/>
    public Task<OutboxCount> CountAsync(string hook, CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            var rows = await SqlCallReader.RowsAsync(
                connection,
                new Statement("select count(due), count(*), min(due) from outbox where hook = @p0", hook),
                row => new OutboxCount(
                    row.GetInt64(0), row.GetInt64(1) - row.GetInt64(0), row.IsDBNull(2) ? null : RecordValues.Time(row.GetInt64(2))),
                cancellation).ConfigureAwait(false);
            return rows[0];
        },
        cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OutboxItem>> ClaimAsync(
        string hook, int most, DateTimeOffset now, DateTimeOffset until, string owner, CancellationToken cancellation) => dialect.OnAsync(
        async connection => (IReadOnlyList<OutboxItem>)await SqlCallReader.RowsAsync(
            connection,
            new Statement(
                $"""
                with taken as (
                  select call as c, type as t, subject as s from outbox where hook = @p0 and due <= @p1
                  order by due limit @p2 {dialect.SkipLocked})
                update outbox set attempts = attempts + 1, due = @p3, owner = @p4 from taken
                where call = taken.c and type = taken.t and subject = taken.s and hook = @p0
                returning call, type, subject, at, attempts
                """,
                hook, RecordValues.Microseconds(now), (long)most, RecordValues.Microseconds(until), owner),
            row => new OutboxItem(
                hook, row.GetString(1), row.GetString(0), row.GetString(2), RecordValues.Time(row.GetInt64(3)), (int)row.GetInt64(4)),
            cancellation).ConfigureAwait(false),
        cancellation);

    /// <inheritdoc/>
    public Task<CallRecord?> FindCallAsync(string id, CancellationToken cancellation) =>
        dialect.OnAsync(connection => SqlCallReader.HeadAsync(connection, id, cancellation), cancellation);

    /// <inheritdoc/>
    public Task RemoveAsync(OutboxItem item, CancellationToken cancellation) =>
        ExecuteAsync(new Statement($"delete from outbox where {Key}", item.Call, item.Type, item.Subject, item.Hook), cancellation);

    /// <inheritdoc/>
    public Task PutBackAsync(OutboxItem item, DateTimeOffset? due, CancellationToken cancellation) => ExecuteAsync(
        new Statement(
            // Somebody else may have taken it since.
            $"update outbox set due = @p4, owner = null where {Key} and attempts = @p5",
            item.Call, item.Type, item.Subject, item.Hook, due is { } time ? RecordValues.Microseconds(time) : null, (long)item.Attempt),
        cancellation);

    /// <inheritdoc/>
    public Task PruneAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var known = hooks.Select((hook, i) => (hook.Key, Name: "@p" + (i + 1).ToString(CultureInfo.InvariantCulture))).ToList();
        var others = known.Count == 0 ? "" : $" and hook not in ({string.Join(", ", known.Select(k => k.Name))})";
        return ExecuteAsync(
            new Statement($"delete from outbox where at < @p0{others}", [RecordValues.Microseconds(before), .. known.Select(k => k.Key)]),
            cancellation);
    }

    // The role is the call's own at this moment: a note's fact does not carry it.
    private bool Add(string call, string type, string subject, long at, long now, List<Statement> statements)
    {
        var added = false;
        foreach (var hook in hooks.Where(h => h.Wants(type)))
        {
            object?[] values = [call, type, subject, hook.Key, at, now, .. hook.Roles];
            var names = Enumerable.Range(6, hook.Roles.Count).Select(i => "@p" + i.ToString(CultureInfo.InvariantCulture));
            var roles = hook.Roles.Count == 0 ? "" : $" and role in ({string.Join(", ", names)})";
            statements.Add(new(
                "insert into outbox (call, type, subject, hook, at, attempts, due) select id, @p1, @p2, @p3, @p4, 0, @p5 from calls "
                    + $"where id = @p0{roles} on conflict (call, type, subject, hook) do nothing",
                values));
            added = true;
        }

        return added;
    }

    private Task<int> ExecuteAsync(Statement statement, CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            await using var command = statement.On(connection);
            return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        },
        cancellation);
}
