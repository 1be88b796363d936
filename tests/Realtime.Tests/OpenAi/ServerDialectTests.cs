using System.Buffers;
using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>The dialect between a server and its session, command by command and event by event.</summary>
public sealed class ServerDialectTests
{
    // Profile, address (provider's or not), the role's model and language -> what the server is told of the transcription.
    [Theory]
    [InlineData("auto", true, null, null, """{"model":"gpt-transcribe"}""")]
    [InlineData("azure", true, null, "de", """{"model":"gpt-transcribe","languages":["de"]}""")]
    [InlineData("azure", true, "my-deployment", null, """{"model":"my-deployment"}""")]
    [InlineData("auto", false, null, null, "{}")]
    [InlineData("openai", false, null, "de", """{"language":"de"}""")]
    [InlineData("openai", false, "gpt-transcribe", null, """{"model":"gpt-transcribe"}""")]
    [InlineData("vllm-omni", false, null, null, "{}")]
    [InlineData("localai", false, null, null, null)]
    [InlineData("localai", false, null, "de", """{"language":"de"}""")]
    [InlineData("localai", false, "gpt-4o-transcribe", null, null)]
    [InlineData("huggingface", false, "whisper-1", null, null)]
    [InlineData("huggingface", false, "parakeet", null, """{"model":"parakeet"}""")]
    public void No_transcription_model_of_OpenAIs_goes_to_a_foreign_address_unless_the_role_names_it(
        string profile, bool isProviders, string? model, string? language, string? told)
    {
        var server = ServerProfile.Find(profile)!.Resolve("openai", isProviders);
        var dialect = new ServerDialect(server.Habits, "sess_1", isProviders ? ServerProfile.OpenAiTranscription : null);
        var settings = new SessionSettings { TranscriptionModel = model ?? "", TranscriptionLanguage = language };
        using var update = Written(dialect, new ModelCommand.UpdateSession(settings, null));
        var input = update.RootElement.GetProperty("session").GetProperty("audio").GetProperty("input");
        Assert.Equal(told, input.TryGetProperty("transcription", out var transcription) ? transcription.GetRawText() : null);
    }

    [Fact]
    public void A_caller_that_is_not_to_be_transcribed_is_not()
    {
        var dialect = new ServerDialect(ServerHabits.None, "sess_1", ServerProfile.OpenAiTranscription);
        using var update = Written(dialect, new ModelCommand.UpdateSession(new SessionSettings(), null));
        var input = update.RootElement.GetProperty("session").GetProperty("audio").GetProperty("input");
        Assert.False(input.TryGetProperty("transcription", out _));
    }

    [Fact]
    public void Turns_that_the_server_gives_no_name_are_named_apart_in_each_session()
    {
        var names = new HashSet<string>();
        foreach (var session in new[] { "sess_abcdefghijklmnopqrstuvwxyz01", "sess_abcdefghijklmnopqrstuvwxyz02", "" })
        {
            var dialect = new ServerDialect(ServerHabits.UnnamedSpeech, session);
            for (var turn = 0; turn < 2; turn++)
            {
                var started = Assert.IsType<ModelEvent.SpeechStarted>(dialect.Read(new ModelEvent.SpeechStarted("", 0), out _));
                Assert.InRange(started.ItemId.Length, 1, 32);
                Assert.True(names.Add(started.ItemId), started.ItemId);
                var told = dialect.Read(new ModelEvent.InputCommitted("i" + turn, null), out _);
                var committed = Assert.IsType<ModelEvent.InputCommitted>(told);
                Assert.Equal(started.ItemId, committed.ItemId);
            }
        }
    }

    [Fact]
    public void A_server_that_does_not_place_its_items_has_them_behind_all_others()
    {
        var dialect = new ServerDialect(ServerHabits.NoCommitted, "sess_1");
        var item = new ModelItem("a1", ModelItemKind.AgentMessage);
        Assert.IsType<ModelEvent.OutputItemAdded>(dialect.Read(new ModelEvent.OutputItemAdded("r1", item), out var more));
        Assert.Equal(new ModelEvent.ItemAdded(null, item), more);
    }

    private static JsonDocument Written(ServerDialect dialect, ModelCommand command)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CommandWriter.Write(buffer, dialect.Write(command, out _)!, dialect.Habits);
        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
