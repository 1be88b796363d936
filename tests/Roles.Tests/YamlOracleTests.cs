using System.Globalization;
using System.Text;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Tests;

/// <summary>Our YAML reader gives what YamlDotNet gives: same values, same styles, same places.</summary>
public sealed class YamlOracleTests
{
    public static TheoryData<string> Documents { get; } =
    [
        "a: 1\nb: two words\nc: \"q\"\nd: 'it''s'\ne:\nf: ~\n",
        "- a\n- b: 1\n  c: 2\n-\n  - x\n  - y\n- - p\n  - q\n-\n",
        "key:\n- a\n- b\nother:\n  - c\n",
        "key:   # comment\n  # another\n\n  nested:   value # tail\n# end\n",
        "url: https://example.com/#anchor:x\ntime: 12:30\nhash: a#b\nneg: -1\ndash: -a\nq: ?a\nc: :a\n",
        "text: one\n  two\n\n  three\n\n\n  four\nnext: x\n",
        "text:\n  one\n  - two\n  three: not a key\n".Replace("three: not", "three:not", StringComparison.Ordinal),
        "lit: |\n  one\n    two\n\n  three\n\n\nnext: x\n",
        "lit: |-\n  one\n\nlit2: |+\n  two\n\nlit3: |2\n    three\nfold: >\n  a\n  b\n\n  c\n    d\n    e\n  f\n\n  g\nend: >-\n  x\n  y\n",
        "a: |\nb: >-\nc: |+\n\nd: |\n\n\n  x\n",
        "- |\n a\n b\n- >\n c\n- k: |\n    d\n  l: e\n",
        "d: \"a\\tb\\n\\x41\\u00e9\\U0001F355\\\\ \\\"\\/ \\e\\0\\_\"\n",
        "d: \"one\n  two  \n\n  three \\\n    four\\  \n  five\"\ns: 'one\n  two\n\n  three'\n",
        "f: [a, 'b', \"c\", [d, e], {k: v, l}, ]\ng: { a: 1, b: [x], \"c\":2, d, e : f }\nh: []\ni: {}\n",
        "f: [\n  a, # comment\n  b c\n  d,\n  { x: 1,\n    y: 2 }\n]\nk: v\n",
        "f: { url: https://x/y, t: 12:30, text: one two }\n",
        "{ a: b }\n",
        "just text\n",
        "\"quoted\"\n",
        "--- \na: 1\n...\n",
        "---\n- 1\n",
        "# only\n\na: 1",
        "\"key one\": 1\n'key two' : 2\nkey three: 3\n",
        "a:\n    b:\n        c: d\n    e: f\ng: h\n",
        "a:\r\n  - b\r\n  - |\r\n    c\r\n    d\r\n",
        "k: a  b\t c   \nl: \"  padded  \"\n",
        "emoji: 🍕 Pizza\nk: é\n",
        "- \n- a\n",
        "- - - a\n    - b\n  - c\n- d\n",
        "a: - b\n".Replace("- b", "-b", StringComparison.Ordinal),
        "a: {b: c}   # comment\n",
        "long: >\n  folded text\n  goes on\n\n\n\n  far\n   indented\n\n  back\n",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_reads_as_the_library_reads_it(string yaml)
    {
        var theirs = YamlOracle.Theirs(yaml);
        Assert.NotNull(theirs);
        Assert.Equal(theirs, YamlOracle.Ours(yaml));
    }

    /// <summary>Here the library's places are those of the anchor, of the space before a bracket, or 1:1; ours are those of the value.</summary>
    [Theory]
    [InlineData("[a, b: c, d]\n")]
    [InlineData("a: [\"x\":1, y]\n")]
    [InlineData("a: {k: v, l: }\n")]
    [InlineData("x: &a one\ny: &b\n  k: v\nz: &c [1, &d 2]\nw: &e\n- e\n- &f\n- &g\n  - h\nv: &h\n")]
    public void A_document_has_the_values_that_the_library_gives_it(string yaml) =>
        Assert.Equal(WithoutPlaces(YamlOracle.Theirs(yaml)!), WithoutPlaces(YamlOracle.Ours(yaml)));

    [Fact]
    public void Every_shipped_file_reads_as_the_library_reads_it()
    {
        var files = Directory.GetFiles(RolesFolder.Shipped(), "*.yaml", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var yaml = File.ReadAllText(file);
            Assert.Equal(YamlOracle.Theirs(yaml), YamlOracle.Ours(yaml));
        }
    }

    [Fact]
    public void Random_documents_read_as_the_library_reads_them()
    {
        var seed = Seeds.First;
        for (var round = 0; round < 2000; round++)
        {
            var yaml = new RandomYaml(new Random(seed + round)).Document();
            var theirs = YamlOracle.Theirs(yaml);
            Assert.True(theirs is not null, $"seed {seed + round}: the library refuses\n{yaml}");
            var ours = YamlOracle.Ours(yaml);
            Assert.True(theirs == ours, $"seed {seed + round}\n{yaml}\n--- library\n{theirs}\n--- ours\n{ours}");
        }
    }

    [Fact]
    public void Damaged_documents_are_read_or_refused_and_never_more_than_that()
    {
        var seed = Seeds.First;
        for (var round = 0; round < 3000; round++)
        {
            var random = new Random(seed + round);
            var yaml = new StringBuilder(new RandomYaml(random).Document());
            for (var i = 0; i < 3 && yaml.Length > 0; i++)
            {
                var at = random.Next(yaml.Length);
                _ = random.Next(3) switch
                {
                    0 => yaml.Remove(at, 1),
                    1 => yaml.Insert(at, "\n \t:-[]{}\"'#&*|>!?,%@`x"[random.Next(22)]),
                    _ => yaml.Remove(at, yaml.Length - at),
                };
            }

            if (!YamlReader.TryRead("f", Encoding.UTF8.GetBytes(yaml.ToString()), out _, out var error))
            {
                var lines = yaml.ToString().ReplaceLineEndings("\n").Split('\n');
                Assert.True(error.Line >= 1 && error.Line <= lines.Length && error.Column >= 1, string.Create(CultureInfo.InvariantCulture, $"seed {seed + round}: {error}"));
            }
        }
    }

    [Theory]
    [InlineData("a:\n\tb: 1\n", "f:2:1: This line is indented with a tab; YAML takes spaces alone.")]
    [InlineData("description: like: this\n", "f:1:18: A second colon on one line: put the text in quotes, or write the mapping on the lines below, indented.")]
    [InlineData("a: 1\n  b: 2\n", "f:2:4: This colon stands in a text that began on a line above; put the text in quotes, or indent the key like its neighbours.")]
    [InlineData("a: \"1\"\n  b: 2\n", "f:2:3: This line does not belong to what stands above it; check its indentation.")]
    [InlineData("a:\n    b: 1\n  c: 2\n", "f:3:3: This line does not belong to what stands above it; check its indentation.")]
    [InlineData("a: 1\nb\n", "f:2:1: A key with a colon was expected here, such as `name: …`.")]
    [InlineData("a: 1\n- b\n", "f:2:1: A list item stands among keys; write it below its key, or remove the dash.")]
    [InlineData("a: - b\n", "f:1:4: A list with dashes can't begin here; write it on the lines below.")]
    [InlineData("a: [b, c\nd: e\n", "f:2:2: A comma or ] was expected here.")]
    [InlineData("a: [b, c\n", "f:1:4: The bracket that opens here is never closed; add ].")]
    [InlineData("a: \"b\nc: d\n", "f:1:4: The quoted text that begins here is never closed.")]
    [InlineData("a: \"b\" c\n", "f:1:8: Nothing was expected here any more; put the whole text in quotes, or write this on a line of its own.")]
    [InlineData("a: @b\n", "f:1:4: Nothing can begin with @ here; put a text that does in quotes.")]
    [InlineData("a: \"\\q\"\n", "f:1:5: There is no such escape in double quotes; a backslash itself is written \\\\.")]
    [InlineData("a: \"\\ud800\"\n", "f:1:5: The escape stands for no character.")]
    [InlineData("a: 1\na: 2\n", "f:2:1: The key \"a\" stands here a second time; the first is on line 1.")]
    [InlineData("a: \u0001\n", "f:1:4: The control character U+0001 is not allowed; in double quotes it is written \\x01.")]
    [InlineData("%YAML 1.2\n---\na: 1\n", "f:1:1: Directives (%) are not supported; remove the line.")]
    [InlineData("? a\n: b\n", "f:1:1: A key must be a plain word or a quoted text.")]
    [InlineData("&x a: b\n", "f:1:5: A second colon on one line: put the text in quotes, or write the mapping on the lines below, indented.")]
    public void A_mistake_is_told_with_its_place_and_what_would_be_right(string yaml, string expected)
    {
        Assert.False(YamlReader.TryRead("f", Encoding.UTF8.GetBytes(yaml), out _, out var error));
        Assert.Equal(expected, error.ToString());
    }

    private static IEnumerable<string> WithoutPlaces(string tree) => tree.Split('\n').Select(line => line.TrimStart().TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':'));

    [Fact]
    public void A_character_of_two_escapes_reads_as_in_json()
    {
        Assert.True(YamlReader.TryRead("f", "a: \"\\ud83c\\udf55\""u8, out var root, out _));
        Assert.Equal("🍕", ((YamlScalar)((YamlMapping)root)["a"]!).Text);
    }
}
