using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Calls;

/// <summary>The cost of a call.</summary>
public sealed class CostTests
{
    private static readonly PriceOptions Price = new()
    {
        TextInput = 4, CachedText = 0.4m, AudioInput = 32, CachedAudio = 0.4m, ImageInput = 5, TextOutput = 16, AudioOutput = 64,
        Transcription = 3, TranscribedMinute = 0.006m,
    };

    [Fact]
    public void Every_modality_has_its_price_and_cached_tokens_theirs()
    {
        var usage = new ModelUsage(1_000_000, 500_000, 100_000, 750_000, 250_000, 100_000, 10_000, 20_000)
        {
            TranscriptionTokens = 1_000,
            TranscribedSeconds = 90,
        };
        var expected = (0.25m * 4) + (0.75m * 0.4m) + (0.25m * 32) + (0.25m * 0.4m) + (0.1m * 5) + (0.01m * 16) + (0.02m * 64) + (0.001m * 3) + (1.5m * 0.006m);
        Assert.Equal(expected, CallBill.CostOf(usage, Price));
    }

    [Fact]
    public void A_session_is_paid_by_the_second() => Assert.Equal(
        0.0125m,
        CallBill.CostOf(default(ModelUsage) with { SessionSeconds = 12.5 }, new PriceOptions { SessionSecond = 0.001m }));

    [Fact]
    public void What_has_no_price_has_no_cost()
    {
        var bill = new CallBill();
        bill.Add(new ModelUsage(100, 0, 0, 0, 0, 0, 0, 0), null);
        Assert.Null(bill.Cost);
        Assert.Equal(100, bill.Usage.InputText);
        bill.Add(new ModelUsage(1_000_000, 0, 0, 0, 0, 0, 0, 0), Price);
        Assert.Equal(4m, bill.Cost);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void A_price_that_is_none_is_refused_at_start(int price)
    {
        var verdict = new BridgeOptionsValidator().Validate(new BridgeOptions
        {
            Roles = Repository.Root,
            Prices = { ["some-model"] = new PriceOptions { TextInput = price } },
        });
        Assert.Equal("Prices:some-model: a price is a number of US dollars, 0 or more, and one of them is more than 0.", Assert.Single(verdict.Errors).ErrorMessage);
    }
}
