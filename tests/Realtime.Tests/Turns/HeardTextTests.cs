using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

public class HeardTextTests
{
    private const string Text = "First you cut the onions. Then, after 20 minutes, you serve.";

    [Fact]
    public void The_cut_falls_between_words_and_never_goes_back()
    {
        var last = 0;
        for (var heard = 0; heard <= 5000; heard += 10)
        {
            var length = HeardText.Prefix(Text, heard, 5000, complete: true, HeardText.TypicalRate);
            Assert.True(length >= last, $"{heard} ms");
            Assert.True(
                length == 0 || length == Text.Length || Text[length] == ' ' || char.IsPunctuation(Text[length - 1]),
                $"{heard} ms: '{Text[..length]}'");
            last = length;
        }

        Assert.Equal(Text.Length, last);
    }

    [Fact]
    public void Nothing_heard_is_no_text_and_all_heard_is_all_text()
    {
        Assert.Equal(0, HeardText.Prefix(Text, 0, 5000, complete: true, HeardText.TypicalRate));
        Assert.Equal(0, HeardText.Prefix("", 1000, 5000, complete: true, HeardText.TypicalRate));
        Assert.Equal(Text.Length, HeardText.Prefix(Text, 5000, 5000, complete: true, HeardText.TypicalRate));
    }

    [Fact]
    public void A_word_counts_only_when_it_was_heard_to_its_end()
    {
        // Ten letters of equal length: one and a half words are one word.
        Assert.Equal("aaaaa", "aaaaa bbbbb"[..HeardText.Prefix("aaaaa bbbbb", 750, 1060, complete: true, HeardText.TypicalRate)]);
        Assert.Equal(0, HeardText.Prefix("aaaaa bbbbb", 300, 1060, complete: true, HeardText.TypicalRate));
    }

    [Fact]
    public void A_transcript_that_runs_ahead_of_its_audio_is_not_believed()
    {
        // The whole text is there, but only a second of audio: the voice's rate bounds what can have been said.
        var length = HeardText.Prefix(Text, 1000, 1000, complete: false, HeardText.TypicalRate);
        Assert.Equal("First you cut the", Text[..length]);
    }

    [Fact]
    public void Numbers_take_longer_than_letters()
    {
        Assert.True(HeardText.Weigh("2026") > 2 * HeardText.Weigh("word"));
        Assert.True(HeardText.Weigh("Stop.") > HeardText.Weigh("Stop"));
    }

    [Theory]
    [InlineData("你好，今天天气很好。")]
    [InlineData("こんにちは世界")]
    public void Scripts_without_spaces_are_cut_between_characters(string text)
    {
        var half = HeardText.Prefix(text, 500, 1000, complete: true, HeardText.TypicalRate);
        Assert.InRange(half, 2, text.Length - 2);
    }

    [Fact]
    public void Surrogate_pairs_are_never_split()
    {
        const string Emoji = "ab 🍳🍳🍳 cd 🍳";
        for (var heard = 0; heard < 1000; heard++)
        {
            var length = HeardText.Prefix(Emoji, heard, 1000, complete: true, HeardText.TypicalRate);
            Assert.False(length < Emoji.Length && char.IsLowSurrogate(Emoji[length]));
        }
    }
}
