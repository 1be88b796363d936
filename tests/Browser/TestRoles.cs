namespace Bridge.Browser.Tests;

/// <summary>A roles folder of a test's own: shipped roles by copy, others as written.</summary>
internal sealed class TestRoles : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bridge-roles-").FullName;

    /// <summary>A role that lights a lamp on the page that embeds it: the tool is the page's own.</summary>
    public static TestRoles WithLamp()
    {
        var roles = new TestRoles();
        roles.Write("lamp/role.yaml", """
            name: Lamp shop
            emoji: "💡"
            description: Lights the lamp on your page.
            language: en
            greeting: true
            page: host
            tools:
              - name: set_lamp
                target: page
                description: Lights the lamp on the page in a colour, or turns it off.
                parameters:
                  type: object
                  properties: { colour: { type: string } }
                  required: [colour]
                progress: page
              - { name: show, target: server, description: Shows markdown. }
            limits: { minutes: 5, tool_steps: 4 }
            """);
        roles.Write("lamp/agent.instruct", "You sell lamps. The secret of the shop is XYZZY-4711.");
        roles.Write("lamp/recap.instruct", "Sum the conversation up.");
        roles.Write("lamp/rehearsal.yaml", """
            greeting: Welcome to the lamp shop.
            hears: [Make it red please]
            rules:
              - when: [red]
                say: Red it is.
                call:
                  - name: set_lamp
                    arguments: { colour: red }
                then: "The lamp is {{output.lamp}} now."
              - when: [blue]
                call:
                  - name: set_lamp
                    arguments: { colour: blue }
                then: "The lamp is {{output.lamp}} now."
              - when: [story]
                say: Once there was a lamp that burned all night in the window of a small shop, and everybody who came home late looked up at it and knew the way, and nobody ever asked who had lit it, because it had always been there, and always would be, as long as there was a window.
            otherwise: Ask me to make the lamp red or blue.
            recap: |
              ## Lamps
              - You looked at **lamps**.
            """);
        return roles;
    }

    /// <summary>A role, teller, that says one line to everything; with the time code, 60 ms a character.</summary>
    public static TestRoles WithTeller(string line, string settings = "")
    {
        var roles = new TestRoles();
        roles.Write("teller/agent.instruct", "You tell the time.");
        roles.Write("teller/role.yaml", $$"""
            name: Time teller
            emoji: "🕰"
            description: Speaks a time code.
            language: en
            greeting: true
            limits: { minutes: 10, tool_steps: 4 }
            {{settings}}
            """);
        roles.Write("teller/rehearsal.yaml", $"""
            greeting: "{line}"
            hears: [Please tell me the time again]
            rules: []
            otherwise: "{line}"
            """);
        return roles;
    }

    public TestRoles Copy(string role, string folder = "roles")
    {
        var from = System.IO.Path.Combine(Repository.Root, folder, role);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var to = System.IO.Path.Combine(Path, role, System.IO.Path.GetRelativePath(from, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return this;
    }

    public TestRoles Write(string file, string text)
    {
        var to = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
        File.WriteAllText(to, text);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
