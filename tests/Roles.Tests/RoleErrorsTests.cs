namespace Bridge.Roles.Tests;

/// <summary>The sentence that an author reads when something is wrong: file, line, column, and what would be right.</summary>
public sealed class RoleErrorsTests
{
    private const string Head = "name: Test\ndescription: A test.\n";
    private const string PageTool = Head + "tools:\n  - name: go\n    target: page\n    description: Goes.\n    parameters:\n      type: object\n      properties:\n        to: { type: string }\n";

    public static TheoryData<string, string> BrokenRoles { get; } = new()
    {
        { Head + "voise: { name: marin }\n", "x/role.yaml:3:1: Unknown key \"voise\"; did you mean \"voice\"?" },
        { Head + "voice:\n  nam: marin\n", "x/role.yaml:4:3: Unknown key \"nam\" in voice; did you mean \"name\"?" },
        { Head + "voice:\n  zzzzzz: 1\n", "x/role.yaml:4:3: Unknown key \"zzzzzz\" in voice; the keys here are name, id, speed." },
        { Head + "voice:\n  name: maryn\n", "x/role.yaml:4:9: voice.name is \"maryn\"; did you mean \"marin\"? Allowed are alloy, ash, ballad, cedar, coral, echo, marin, sage, shimmer, verse, beacon, bossa, cinder, delta, gleam, meridian, quartz, ripple, shida, stone, tempo, vesper, willow." },
        { Head + "voice:\n  name: batman\n", "x/role.yaml:4:9: voice.name is \"batman\"; use one of alloy, ash, ballad, cedar, coral, echo, marin, sage, shimmer, verse, beacon, bossa, cinder, delta, gleam, meridian, quartz, ripple, shida, stone, tempo, vesper, willow." },
        { Head + "voice:\n  speed: 3\n", "x/role.yaml:4:10: voice.speed is 3; it must be between 0.25 and 1.5." },
        { Head + "records: { keep: 30 }\n", "x/role.yaml:3:18: records.keep is \"30\"; it must be days or hours, such as 30d or 12h." },
        { Head + "records: { keep: 0d }\n", "x/role.yaml:3:18: records.keep is \"0d\"; it must be days or hours, such as 30d or 12h." },
        { Head + "records: { transcript: never }\n", "x/role.yaml:3:24: records.transcript is \"never\"; use one of yes, redacted, no." },
        { Head + "records: { audio: both }\n", "x/role.yaml:3:19: records.audio is \"both\"; use one of none, mixed, tracks." },
        {
            Head + "records: { audio: mixed, transcript: no }\n",
            "x/role.yaml:3:19: records.audio needs transcript: yes, because sound holds every word."
        },
        { Head + "limits: { minutes: 0 }\n", "x/role.yaml:3:20: limits.minutes is 0; it must be between 1 and 1440." },
        { Head + "limits:\n  tool_steps: 65\n", "x/role.yaml:4:15: limits.tool_steps is 65; it must be between 1 and 64." },
        { Head + "limits:\n  tool_steps: many\n", "x/role.yaml:4:15: limits.tool_steps is \"many\"; it must be a whole number." },
        { Head + "limits: { cost: 0 }\n", "x/role.yaml:3:17: limits.cost is 0; it must be between 0.01 and 1000." },
        { Head + "greeting: yes\n", "x/role.yaml:3:11: greeting is \"yes\"; it must be true or false." },
        { Head + "images: \"on\"\n", "x/role.yaml:3:9: images is \"on\"; it must be true or false." },
        { Head + "tools: show\n", "x/role.yaml:3:8: tools is \"show\"; it must be a list." },
        { Head + "dtmf: everybody\n", "x/role.yaml:3:7: dtmf is \"everybody\"; use one of model, page, none." },
        { Head + "dtmf: true\n", "x/role.yaml:3:7: dtmf is \"true\"; use one of model, page, none." },
        { Head + "visibility: secret\n", "x/role.yaml:3:13: visibility is \"secret\"; use one of public, private." },
        { Head + "language: English\n", "x/role.yaml:3:11: language is \"English\"; it must be a language tag such as en, fr or pt-BR." },
        { "description: A test.\n", "x/role.yaml:1:1: name is missing; write for example `name: Cooking guide`." },
        { Head + "name: Again\n", "x/role.yaml:3:1: The key \"name\" stands here a second time; the first is on line 1." },
        { Head + "model:\n  max_output_tokens: 5000\n", "x/role.yaml:4:22: model.max_output_tokens is 5000; it must be a whole number between 1 and 4096, or inf." },
        { Head + "model: { truncation: 2 }\n", "x/role.yaml:3:22: model.truncation is 2; it must be auto, disabled, or a share between 0 and 1." },
        { Head + "turn:\n  mode: semantic_vad\n  silence_ms: 500\n", "x/role.yaml:5:15: turn.silence_ms has no effect with this mode; remove it, or write `mode: server_vad`." },
        { Head + "turn:\n  mode: semantic_vad\n  preemptive: true\n", "x/role.yaml:5:15: turn.preemptive has no effect with this mode; remove it, or write `mode: server_vad`." },
        { Head + "turn: { preemptive: true, silence_ms: 250 }\n", "x/role.yaml:3:39: turn.silence_ms is 250; with `preemptive: true` it must be at least 300." },
        { Head + "turn: { waiting: music }\n", "x/role.yaml:3:18: turn.waiting is \"music\"; use one of none, sound, words." },
        { Head + "turn: { waiting: words }\n", "x/role.yaml:3:7: turn.waiting_words is missing; `waiting: words` needs its line." },
        { Head + "turn: { waiting: sound, waiting_words: Wait. }\n", "x/role.yaml:3:40: turn.waiting_words has no effect; write `waiting: words`." },
        { Head + "turn: { listening_sounds: [mhm, \"...\"] }\n", "x/role.yaml:3:33: turn.listening_sounds[1] must be a sound of 1 to 40 characters with a letter in it." },
        { Head + "limits: { think_seconds: 1 }\n", "x/role.yaml:3:26: limits.think_seconds is 1; it must be between 5 and 600." },
        { Head + "turn: { idle_timeout_ms: 1000 }\n", "x/role.yaml:3:26: turn.idle_timeout_ms is 1000; it must be between 5000 and 30000." },
        { Head + "tools:\n  - name: go\n    target: page\n    description: Goes.\n", "x/role.yaml:4:5: tools[0].parameters are missing; write their JSON Schema, for a tool without arguments `parameters: { type: object, properties: {} }`." },
        { Head + "tools:\n  - name: shwo\n    target: server\n", "x/role.yaml:4:11: tools[0].name is \"shwo\"; did you mean \"show\"? Allowed are end_call, recap, save, show, stay_silent, transfer, wait." },
        { Head + "tools:\n  - name: go now\n    target: mcp\n    mcp: { url: \"https://example.com\", allow: [\"*\"] }\n", "x/role.yaml:4:11: tools[0].name is \"go now\"; a tool's name is 1 to 64 letters, digits, _ and -." },
        { Head + "tools:\n  - { name: show, target: server }\n  - { name: show, target: server }\n", "x/role.yaml:5:5: tools[1] is a second tool named \"show\"; names must differ." },
        { Head + "tools:\n  - { name: transfer, target: server, to: [nobody] }\n", "x/role.yaml:4:44: tools[0].to names \"nobody\", but there is no such role." },
        { Head + "tools:\n  - { name: transfer, target: server }\n", "x/role.yaml:4:5: tools[0].to is missing; name the roles that may take over: `to: [conversation-partner]`." },
        { Head + "tools:\n  - name: hook\n    target: http\n    description: Hooks.\n    parameters: { type: object }\n    http: { url: \"ftp://x\" }\n", "x/role.yaml:8:18: tools[0].http.url is \"ftp://x\"; it must be an absolute http or https address without user name." },
        { Head + "tools:\n  - name: hook\n    target: http\n    description: Hooks.\n    parameters: { type: object }\n    http: { url: \"https://x\", retries: 2 }\n", "x/role.yaml:8:40: tools[0].http.retries needs `idempotent: true`: what may not be sent twice is not retried." },
        { Head + "tools:\n  - { name: files, target: mcp, mcp: { allow: [\"*\"] } }\n", "x/role.yaml:4:38: tools[0].mcp needs either a url (HTTP) or a command (standard input and output), not both." },
        { PageTool, "x/role.yaml:4:5: tools[0] runs on the page, but page/index.js is missing; create it (docs/roles.md shows one), or write `page: host` when the page that embeds the call registers its functions itself." },
        { Head + "page: module\n", "x/role.yaml:3:7: page is module, but page/index.js is missing; create it (docs/roles.md shows one), or write `page: host` when the page that embeds the call registers its functions itself." },
        { Head + "page_data: [menu]\n", "x/role.yaml:3:13: page_data names \"menu\", but there is no data/menu.yaml or .json." },
        { Head + "page: host\ntools:\n  - name: go\n    target: page\n    description: Goes.\n    parameters:\n      type: object\n      properties: { to: { type: strin } }\n      required: [from]\n", "x/role.yaml:10:33: tools[0].parameters.properties.to.type is \"strin\"; the types are string, number, integer, boolean, object, array, null." },
        { Head + "page: host\ntools:\n  - name: go\n    target: page\n    description: Goes.\n    parameters: { type: object, required: [from] }\n", "x/role.yaml:8:44: tools[0].parameters.required names \"from\", which is not among its properties." },
        { Head + "page: host\ntools:\n  - name: go\n    target: page\n    description: Goes.\n    parameters: { to: string }\n", "x/role.yaml:8:17: tools[0].parameters must be a JSON Schema of an object: `type: object` and `properties:`." },
        { Head + "guard: { say: No. }\n", "x/role.yaml:3:8: guard.patterns is missing, and so is `hook`; a guard needs one of them." },
        { Head + "guard: { patterns: [secret] }\n", "x/role.yaml:3:8: guard.say is missing; write for example `say: I can't talk about that. What else can I do for you?`." },
        { Head + "guard: { say: No., patterns: ['(a)\\1'] }\n", "x/role.yaml:3:31: guard.patterns[0] is \"(a)\\1\"; that is no regular expression that runs in linear time (look-around and back-references do not)." },
        { Head + "guard: { say: No., patterns: ['('] }\n", "x/role.yaml:3:31: guard.patterns[0] is \"(\"; that is no regular expression that runs in linear time (look-around and back-references do not)." },
        { Head + "guard: { say: No., hook: { url: 'ftp://x' } }\n", "x/role.yaml:3:33: guard.hook.url is \"ftp://x\"; it must be an absolute http or https address without user name." },
        { Head + "guard: { say: No., patterns: [a], timeout_ms: 10 }\n", "x/role.yaml:3:47: guard.timeout_ms is 10; it must be between 100 and 10000." },
        { Head + "guard: { say: No., patterns: [a], on_error: hide }\n", "x/role.yaml:3:45: guard.on_error is \"hide\"; use one of block, allow." },
        { "- a\n- b\n", "x/role.yaml:1:1: The file is a list; it must be a mapping with keys such as name, emoji, description, language." },
        { Head + "emoji: \"👋🍳\"\n", "x/role.yaml:3:8: emoji is \"👋🍳\"; it must be one emoji, such as \"🍳\"." },
    };

    [Theory]
    [MemberData(nameof(BrokenRoles))]
    public void A_broken_role_yaml_says_where_and_what_would_be_right(string yaml, string expected)
    {
        using var folder = new RolesFolder().Role("x", yaml);
        Assert.Contains(expected, folder.Errors());
    }

    [Fact]
    public void All_errors_of_a_role_are_told_at_once()
    {
        using var folder = new RolesFolder().Role(
            "x", Head + "voise: 1\nlimits: { minutes: 0 }\n", "Hello {{calller.name}} {{#if}}",
            ("data/menu.json", "{ \"a\": }"), ("rehearsal.yaml", "rules:\n  - say: hi\n"));
        var errors = folder.Errors();
        Assert.Equal(6, errors.Count);
        Assert.Contains(errors, error => error.StartsWith("x/data/menu.json:1:8: This is not JSON", StringComparison.Ordinal));
        Assert.Contains("x/rehearsal.yaml:2:5: rules[0].when is missing; list the keywords that trigger the rule: `when: [recipe, cook]`.", errors);
        Assert.Contains("x/agent.instruct:1:29: The tag is empty; write the name of a variable in it.", errors);
    }

    public static TheoryData<string, string> BrokenTemplates { get; } = new()
    {
        { "{{name}}", "x/agent.instruct:1:3: Unknown variable \"name\"; known here: role, tools, data, caller, date, time, weekday, now, time_zone, locale." },
        { "{{weekdy}}", "x/agent.instruct:1:3: Unknown variable \"weekdy\"; did you mean \"weekday\"?" },
        { "a\n  {{data.menu.itmes}}", "x/agent.instruct:2:5: Unknown variable \"data.menu.itmes\": there is no \"itmes\" in it; did you mean \"items\"?" },
        { "{{menu.title}}", "x/agent.instruct:1:3: Unknown variable \"menu.title\": there is no \"menu\" in it; the file data/menu is \"data.menu.title\"." },
        { "{{#each data.menu.items}}{{date}}{{/each}}", "x/agent.instruct:1:28: Unknown variable \"date\"; inside each and with, names are members of the item: write \"@root.date\"." },
        { "{{#if (eq date date)}}{{else}}{{nope}}{{/if}}", "x/agent.instruct:1:33: Unknown variable \"nope\"; known here: role, tools, data, caller, date, time, weekday, now, time_zone, locale." },
        { "{{data.menu.items}}", "x/agent.instruct:1:3: {{data.menu.items}} is a list or a mapping; loop over it with {{#each data.menu.items}}, or write {{join data.menu.items}} or {{json data.menu.items}}." },
        { "{{#each date}}x{{/each}}", "x/agent.instruct:1:9: each loops over a list or a mapping; this is a single value." },
        { "{{#each data.menu.items}}", "x/agent.instruct:1:4: {{#each}} is never closed; add {{/each}}." },
        { "{{#if date}}x{{/each}}", "x/agent.instruct:1:17: {{/each}} closes {{#if}}; write {{/if}}." },
        { "{{/if}}", "x/agent.instruct:1:4: {{/if}} closes nothing; remove it, or open the block before." },
        { "{{else}}", "x/agent.instruct:1:7: This {{else}} stands outside of any block." },
        { "{{date} and {{time}}", "x/agent.instruct:1:1: The tag that opens here has one closing brace; write {{date}}." },
        { "Hi {{role.name}. Today is {{weekday}}.", "x/agent.instruct:1:4: The tag that opens here has one closing brace; write {{role.name}}." },
        { "{{#if (eq date \"}\")}x{{/if}}", "x/agent.instruct:1:1: The tag that opens here has one closing brace; write {{#if (eq date \"}\")}}." },
        { "{{#if date}}x{/if}} {{date}}", "x/agent.instruct:1:4: {{#if}} is never closed; add {{/if}}." },
        { "{{date\n{{time}}", "x/agent.instruct:1:1: The tag that opens here has one closing brace; write {{date\n}}." },
        { "{{date", "x/agent.instruct:1:1: The tag that opens here is never closed; add }}." },
        { "{{#iff date}}{{/iff}}", "x/agent.instruct:1:4: There is no block {{#iff}}; did you mean {{#if}}?" },
        { "{{upper date}}", "x/agent.instruct:1:3: There is no helper \"upper\"; the helpers are add, and, count, eq, join, json, not, or." },
        { "{{eq date}}", "x/agent.instruct:1:3: \"eq\" is written (eq a b)." },
        { "{{> vioce}}", "x/agent.instruct:1:4: There is no partial \"vioce\"; did you mean \"voice\"?" },
        { "{{> nothing}}", "x/agent.instruct:1:4: There is no partial \"nothing\"; create roles/_shared/nothing.instruct, or use one of loop, misfit, voice." },
        { "{{> loop}}", "_shared/loop.instruct:1:4: The partial \"loop\" includes itself (loop > loop)." },
        { "{{> misfit}}", "_shared/misfit.instruct:1:3: Unknown variable \"recipe\"; known here: role, tools, data, caller, date, time, weekday, now, time_zone, locale." },
        { "{{@index}}", "x/agent.instruct:1:3: @index exists only inside {{#each}}." },
        { "{{../date}}", "x/agent.instruct:1:3: \"../date\" climbs above the top; remove a \"../\"." },
        { "{{a..b}}", "x/agent.instruct:1:3: \"a..b\" is no path; write names with single dots between them." },
        { "{{join date sep=\", \"}}", "x/agent.instruct:1:16: Named arguments are not supported." },
        { "{{join =x}}", "x/agent.instruct:1:8: Named arguments are not supported." },
        { "{{add 1 = 2}}", "x/agent.instruct:1:9: Named arguments are not supported." },
        { " \n", "x/agent.instruct: The file is empty; write in it what the agent is and how it talks." },
    };

    [Theory]
    [MemberData(nameof(BrokenTemplates))]
    public void A_broken_template_says_where_and_what_would_be_right(string template, string expected)
    {
        using var folder = new RolesFolder()
            .Write("_shared/voice.instruct", "Speak.")
            .Write("_shared/loop.instruct", "{{> loop}}")
            .Write("_shared/misfit.instruct", "{{recipe}}")
            .Role("x", agent: template, more: ("data/menu.yaml", "items:\n  - title: Soup\n  - title: Bread\n    vegan: true\n"));
        Assert.Contains(expected, folder.Errors());
    }

    public static TheoryData<string, string> BrokenScripts { get; } = new()
    {
        { "rules:\n  - when: [go]\n    call: [{ name: gp, arguments: {} }]\n", "x/rehearsal.yaml:3:20: rules[0].call[0] calls \"gp\", which role.yaml does not declare; did you mean \"go\"?" },
        { "rules:\n  - when: [go]\n    call: [{ name: go, arguments: { too: a } }]\n", "x/rehearsal.yaml:3:37: rules[0].call[0].arguments has no argument \"too\"; did you mean \"to\"?" },
        { "rules:\n  - when: [go]\n    call: [{ name: go, arguments: { to: 3 } }]\n", "x/rehearsal.yaml:3:41: rules[0].call[0].arguments.to is \"3\"; the tool wants a string, so put it in quotes." },
        { "rules:\n  - when: [go]\n    call: [{ name: save, arguments: { title: a } }]\n", "x/rehearsal.yaml:3:20: rules[0].call[0].arguments lacks the required argument \"text\"." },
        { "rules:\n  - when: [go]\n    then: b\n    say: a\n", "x/rehearsal.yaml:3:11: rules[0].then is said after a call, but the rule calls nothing; write `say:`." },
        { "rules:\n  - when: [go]\n", "x/rehearsal.yaml:2:5: rules[0] does nothing; give it `say:` or `call:`." },
        { "rules:\n  - when: [soup]\n    say: a\n  - when: [bread, no soup]\n    say: b\n", "x/rehearsal.yaml:4:19: rules[1].when \"no soup\" is never reached, because rules[0] answers it first; move this rule before it." },
        { "greetings: hi\n", "x/rehearsal.yaml:1:1: Unknown key \"greetings\"; did you mean \"greeting\"?" },
    };

    [Theory]
    [MemberData(nameof(BrokenScripts))]
    public void A_broken_rehearsal_script_says_where_and_what_would_be_right(string script, string expected)
    {
        using var folder = new RolesFolder().Role("x", PageTool + "  - { name: save, target: server }\npage: host\n", more: ("rehearsal.yaml", script));
        Assert.Contains(expected, folder.Errors());
    }

    public static TheoryData<string, string> BrokenOutcomes { get; } = new()
    {
        { "{\n  \"type\": \"object\",,\n}", "x/outcome.schema.json:2:20: This is not JSON: ',' is an invalid start of a property name. Expected a '\"'." },
        { "{ \"type\": \"array\" }", "x/outcome.schema.json:1:1: the schema must be a JSON Schema of an object: `type: object` and `properties:`." },
        { "[]", "x/outcome.schema.json:1:1: the schema must be a JSON Schema of an object: `type: object` and `properties:`." },
        { "{ \"type\": \"object\",\n  \"properties\": { \"a\": { \"typ\": \"string\" } } }", "x/outcome.schema.json:2:26: \"typ\" is no keyword of JSON Schema; did you mean \"type\"?" },
        { "{ \"type\": \"object\",\n  \"properties\": { \"a\": { \"type\": \"string\", \"pattern\": \"(\" } } }", "x/outcome.schema.json:2:55: The schema can not be used: #/properties/a/pattern" },
        { "{ \"type\": \"object\",\n  \"type\": \"object\" }", "x/outcome.schema.json:2:3: The key \"type\" stands here a second time." },
        { "{ \"type\": \"object\", \"properties\": " + string.Concat(Enumerable.Repeat("{ \"a\": ", 40)) + "{}" + new string('}', 41), "x/outcome.schema.json:1:" },
        { "{ \"type\": \"object\", \"description\": \"" + new string('a', 40_000) + "\" }", "x/outcome.schema.json: " },
    };

    [Theory]
    [MemberData(nameof(BrokenOutcomes))]
    public void A_broken_schema_of_the_outcome_says_where_and_what_would_be_right(string schema, string expected)
    {
        using var folder = new RolesFolder().Role("x", more: ("outcome.schema.json", schema));
        Assert.StartsWith(expected, Assert.Single(folder.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_outcome_of_the_script_has_to_fit_its_schema_and_to_have_one()
    {
        const string Schema = """{ "type": "object", "properties": { "total": { "type": "number" } }, "additionalProperties": false }""";
        using var folder = new RolesFolder().Role("x", more: [("outcome.schema.json", Schema), ("rehearsal.yaml", "outcome:\n  total: many\n")])
            .Role("y", more: ("rehearsal.yaml", "outcome:\n  total: 1\n"))
            .Role("z", Head + "records: { transcript: no }\n", more: ("outcome.schema.json", Schema));
        Assert.Equal(
            [
                "x/rehearsal.yaml:2:10: outcome/total must be a number, not a string (outcome.schema.json).",
                "y/rehearsal.yaml:2:3: outcome is of no use: the role has no outcome.schema.json.",
                "z/role.yaml:3:24: records.transcript is \"no\", so that an outcome would not be kept, either; remove outcome.schema.json, or keep the words.",
            ],
            [.. folder.Errors("x"), .. folder.Errors("y"), .. folder.Errors("z")]);
    }

    [Fact]
    public void A_broken_data_file_is_told_once_and_nothing_else_for_it()
    {
        using var folder = new RolesFolder().Role(
            "x", Head + "page_data: [topics]\n", "{{data.topics.first}} {{#each data.topics.all}}{{title}}{{/each}} {{data.menu.soup}} {{data.nothing}}",
            ("data/topics.yaml", "first: a\n second: b: c\n"), ("data/menu.yaml", "soup: leek\n"), ("page/index.js", "export default () => {};"));
        Assert.Equal(
            ["x/data/topics.yaml:2:8: This colon stands in a text that began on a line above; put the text in quotes, or indent the key like its neighbours.",
             "x/agent.instruct:1:88: Unknown variable \"data.nothing\": there is no \"nothing\" in it; known here: menu, topics."],
            folder.Errors().Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public void A_broken_partial_is_told_once_and_not_as_missing()
    {
        using var folder = new RolesFolder().Write("_shared/voice.instruct", "{{#if}}").Role("x", agent: "{{> voice}}");
        Assert.All(folder.Errors(), error => Assert.StartsWith("_shared/voice.instruct:1:", error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("role.yaml.txt", "x/role.yaml: The file is called role.yaml.txt (Windows hides the ending); rename it to role.yaml.")]
    [InlineData("agent.instruct.txt", "x/agent.instruct: The file is called agent.instruct.txt (Windows hides the ending); rename it to agent.instruct.")]
    [InlineData("data/menu.yaml.txt", "x/data/menu.yaml: The file is called menu.yaml.txt (Windows hides the ending); rename it to menu.yaml.")]
    [InlineData("page/index.js.txt", "x/page/index.js: The file is called index.js.txt (Windows hides the ending); rename it to index.js.")]
    public void An_ending_that_windows_hides_is_named(string path, string expected)
    {
        using var folder = new RolesFolder().Role("x", Head + "page_data: [menu]\npage: module\n", "{{data.menu.soup}}", ("data/menu.yaml", "soup: leek\n"), ("page/index.js", "export default () => {};"));
        File.Move(Path.Combine(folder.Root, "x", path[..^4]), Path.Combine(folder.Root, "x", path));
        Assert.Equal([expected], folder.Errors());
    }

    [Fact]
    public void A_text_beside_the_roles_files_is_nobodys_business()
    {
        using var folder = new RolesFolder().Role("x", more: [("notes.txt", "To do."), ("data/notes.txt", "To do."), ("role.yaml.txt", "name: old\n")]);
        Assert.Equal(["x/role.yaml: Beside it stands role.yaml.txt (Windows hides the ending); remove one of them."], folder.Errors());
    }

    [Fact]
    public void A_misspelt_file_is_noticed()
    {
        using var folder = new RolesFolder().Role("x", more: ("rehersal.yaml", "greeting: hi\n"));
        Assert.Equal(["x/rehersal.yaml: A role has no file of this name; did you mean rehearsal.yaml?"], folder.Errors());
    }

    [Fact]
    public void A_page_folder_without_its_module_is_noticed()
    {
        using var folder = new RolesFolder().Role("x", more: ("page/style.css", "p{}"));
        Assert.StartsWith("x/page/index.js: The page has no module; create it", Assert.Single(folder.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_its_files_says_which_are_missing()
    {
        using var folder = new RolesFolder().Write("x/data/menu.yaml", "a: 1\n");
        Assert.Equal(
            ["x/role.yaml: The file is missing; `role new` shows what one looks like.", "x/agent.instruct: The file is missing; write in it what the agent is and how it talks."],
            folder.Errors());
    }

    [Fact]
    public void Two_data_files_of_one_name_are_refused()
    {
        using var folder = new RolesFolder().Role("x", more: [("data/menu.yaml", "a: 1\n"), ("data/menu.json", "{}")]);
        Assert.Equal(["x/data/menu.yaml: A second data file is named \"menu\"; templates could not tell them apart, rename one."], folder.Errors());
    }
}
