using System.Collections.Frozen;
using System.Text.Json;

namespace Bridge.Roles;

/// <summary>The tools that are built into the host: a role names them with <c>target: server</c> and may leave out their schema.</summary>
public static class ServerTools
{
    private static readonly FrozenDictionary<string, ToolDeclaration> ByName = new[]
    {
        Declare("show", "Show something on the caller's screen: markdown, or a card with a title, text and an optional image and link.", """
            {"type":"object","properties":{
              "title":{"type":"string","description":"Heading above the content."},
              "markdown":{"type":"string","description":"The content as markdown."},
              "card":{"type":"object","description":"A card instead of markdown.","properties":{
                "title":{"type":"string"},"text":{"type":"string"},"image":{"type":"string"},"link":{"type":"string"}},
                "required":["title"],"additionalProperties":false}},
             "additionalProperties":false}
            """),
        Declare("save", "Save a note with this call, such as an order or a decision.", """
            {"type":"object","properties":{
              "title":{"type":"string","description":"What the note is about."},
              "text":{"type":"string","description":"The note itself."},
              "data":{"type":"object","description":"The same as data, for other programs."}},
             "required":["text"],"additionalProperties":false}
            """),
        Declare("recap", "Show the caller a written summary of the conversation so far.", NoArguments),
        Declare("end_call", "Hang up, once everything is said and the caller has taken leave.", """
            {"type":"object","properties":{"reason":{"type":"string","description":"Why, in a few words."}},"additionalProperties":false}
            """),
        Declare("wait", "Say nothing and wait for the caller for a while.", """
            {"type":"object","properties":{"seconds":{"type":"number","minimum":1,"maximum":60}},"additionalProperties":false}
            """),
        Declare("stay_silent", "Say nothing now: the caller is thinking, or was not talking to you.", NoArguments),
        Declare("transfer", "Let another agent go on with this conversation.", """
            {"type":"object","properties":{
              "role":{"type":"string","description":"The agent that goes on."},
              "reason":{"type":"string","description":"What the other agent should know."}},
             "required":["role"],"additionalProperties":false}
            """),
    }.ToFrozenDictionary(tool => tool.Name, StringComparer.Ordinal);

    private const string NoArguments = """{"type":"object","properties":{},"additionalProperties":false}""";

    /// <summary>The built-in names.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The built-in tool's description and schema; null when there is no such tool.</summary>
    public static ToolDeclaration? Find(string name) => ByName.GetValueOrDefault(name);

    private static ToolDeclaration Declare(string name, string description, string parameters)
    {
        return new ToolDeclaration
        {
            Name = name,
            Target = ToolTarget.Server,
            Description = description,
            Parameters = JsonElement.Parse(parameters),
        };
    }
}
