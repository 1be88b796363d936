using System.Text.Json;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests;

internal static class Scripts
{
    public static RehearsalScript Demo { get; } = new()
    {
        Greeting = "Hello there.",
        Hears = ["show me the soup", "next step please", "thank you"],
        Rules =
        [
            new RehearsalRule
            {
                When = ["soup"],
                Say = "Here is the soup.",
                Calls = [Call("show_recipe", """{"name":"tomato soup"}""")],
                Then = "It takes {{output.minutes}} minutes.",
            },
            new RehearsalRule { When = ["next"], Calls = [Call("step", """{"n":2}"""), Call("timer", """{"s":60}""")], Then = "Step two." },
            new RehearsalRule { When = ["thank"], Say = "You are welcome, any time you like to cook again." },
        ],
        Otherwise = "I did not get that.",
        Recap = "# Recap\nWe cooked.",
    };

    public const string Tools =
        "\"tools\":[{\"type\":\"function\",\"name\":\"show_recipe\",\"parameters\":{\"type\":\"object\",\"properties\":{}}},"
        + "{\"type\":\"function\",\"name\":\"step\",\"parameters\":{\"type\":\"object\",\"properties\":{}}},"
        + "{\"type\":\"function\",\"name\":\"timer\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}]";

    public static RehearsalCall Call(string name, string arguments)
    {
        using var document = JsonDocument.Parse(arguments);
        return new RehearsalCall(name, document.RootElement.Clone());
    }
}
