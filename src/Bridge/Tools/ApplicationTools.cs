using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Bridge.JsonSchema;

namespace Bridge.Tools;

/// <summary>
/// Functions of the application that agents may call. A role offers one to its agent by declaring it: <c>name: book_table</c>,
/// <c>target: app</c>. The schema comes from the type of the arguments; <see cref="DescriptionAttribute"/> on the type and its members
/// tells the model what they are.
/// </summary>
public sealed partial class ApplicationTools
{
    // An absent, null or unknown member is told the model by the schema; nothing slips past it into the function.
    private static readonly JsonSerializerOptions Arguments = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions Schemas = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    };

    private readonly ConcurrentDictionary<string, ApplicationTool> _tools = new(StringComparer.Ordinal);

    internal ApplicationTools()
    {
    }

    /// <summary>Adds a function.</summary>
    /// <typeparam name="TArguments">Its arguments: a class or record that System.Text.Json reads.</typeparam>
    /// <typeparam name="TResult">Its result, which the model reads as JSON.</typeparam>
    /// <param name="name">1 to 64 letters, digits, <c>_</c> and <c>-</c>; the role declares it by this name.</param>
    /// <param name="run">The function. A <see cref="ToolException"/> tells the model why it failed; others, that it failed.</param>
    /// <param name="description">The description for the model; null takes the type's description.</param>
    /// <exception cref="ArgumentException">The name is none or taken, or a Realtime service takes no such schema.</exception>
    public ApplicationTools Add<TArguments, TResult>(
        string name, Func<TArguments, ToolContext, Task<TResult>> run, string? description = null)
        where TArguments : class
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add<TArguments>(name, description, async (arguments, context) => await run(arguments, context).ConfigureAwait(false));
    }

    /// <inheritdoc cref="Add{TArguments, TResult}(string, Func{TArguments, ToolContext, Task{TResult}}, string?)"/>
    public ApplicationTools Add<TArguments, TResult>(string name, Func<TArguments, ToolContext, TResult> run, string? description = null)
        where TArguments : class
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add<TArguments>(name, description, (arguments, context) => ValueTask.FromResult<object?>(run(arguments, context)));
    }

    /// <summary>Adds a function without a result; the model hears that it is done.</summary>
    /// <inheritdoc cref="Add{TArguments, TResult}(string, Func{TArguments, ToolContext, Task{TResult}}, string?)"/>
    public ApplicationTools Add<TArguments>(string name, Func<TArguments, ToolContext, Task> run, string? description = null)
        where TArguments : class
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add<TArguments>(name, description, async (arguments, context) =>
        {
            await run(arguments, context).ConfigureAwait(false);
            return new { done = true };
        });
    }

    internal bool TryFind(string name, [NotNullWhen(true)] out ApplicationTool? tool) => _tools.TryGetValue(name, out tool);

    private ApplicationTools Add<TArguments>(string name, string? description, Func<TArguments, ToolContext, ValueTask<object?>> run)
        where TArguments : class
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Names().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is no name of a function: it has 1 to 64 letters, digits, _ and -.", nameof(name));
        }

        var tool = new ApplicationTool(
            description ?? typeof(TArguments).GetCustomAttribute<DescriptionAttribute>()?.Description ?? "",
            SchemaOf<TArguments>(name),
            (arguments, context) => run(Read<TArguments>(name, arguments), context));
        return _tools.TryAdd(name, tool) ? this : throw new ArgumentException($"The function '{name}' was added twice.", nameof(name));
    }

    private static T Read<T>(string name, JsonElement arguments)
        where T : class
    {
        try
        {
            return arguments.Deserialize<T>(Arguments) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // The schema has let it pass; a date that is none, a number beyond its type.
            throw new ToolException($"The arguments do not fit {name}; nothing was done.");
        }
    }

    private static JsonElement SchemaOf<T>(string name)
    {
        var schema = JsonSerializer.SerializeToElement(Arguments.GetJsonSchemaAsNode(typeof(T), Schemas));
        return Schema.TryCompile(schema, out _, out var problem) && FunctionParameters.TryNormalise(schema, out _, out problem)
            ? schema
            : throw new ArgumentException(
                $"The arguments {typeof(T).Name} of '{name}' can't be declared to a Realtime service: {problem}", nameof(name));
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var attributes = context.PropertyInfo is { AttributeProvider: { } property } ? property : context.TypeInfo.Type;
        if (schema is not JsonObject written)
        {
            return schema;
        }

        if (attributes.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true) is [DescriptionAttribute description, ..])
        {
            written.Insert(0, "description", description.Description);
        }

        if (context.Path.IsEmpty && written["type"] is JsonArray types && types.Any(type => type?.GetValue<string>() == "object"))
        {
            // The exporter lets a class be null; the arguments of a function are an object.
            written["type"] = "object";
        }

        return written;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
