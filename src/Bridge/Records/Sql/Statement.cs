using System.Data.Common;
using System.Globalization;

namespace Bridge.Records.Sql;

/// <summary>An SQL statement with its values, named <c>@p0</c>, <c>@p1</c> and so on in it.</summary>
internal readonly record struct Statement(string Sql, params object?[] Values)
{
    /// <summary>Gives a command's parameters their values.</summary>
    public void Bind(DbParameterCollection parameters, Func<DbParameter> create)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            var parameter = create();
            parameter.ParameterName = "p" + i.ToString(CultureInfo.InvariantCulture);
            parameter.Value = Values[i] switch
            {
                null => DBNull.Value,
                string text => RecordValues.Text(text),
                var value => value,
            };
            parameters.Add(parameter);
        }
    }

    /// <summary>A command of a connection.</summary>
    public DbCommand On(DbConnection connection, DbTransaction? transaction = null)
    {
        var command = connection.CreateCommand();
        command.CommandText = Sql;
        command.Transaction = transaction;
        Bind(command.Parameters, command.CreateParameter);
        return command;
    }
}
