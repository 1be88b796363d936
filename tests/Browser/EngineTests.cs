using Bridge.Transport;

namespace Bridge.Browser.Tests;

/// <summary>
/// The calls that another media engine has to carry: with <c>BRIDGE_ENGINE=sipsorcery</c> every test of this project runs over it, and
/// these are the ones that must pass (docs/engines.md).
/// </summary>
public sealed class EngineTests(ITestOutputHelper output)
{
    private const string Reason = "BRIDGE_ENGINE=sipsorcery runs the calls over SIPSorcery; this run has the Bridge's own engine.";

    [Fact]
    public async Task The_first_call_works_over_SIPSorcery()
    {
        Assert.SkipUnless(ChosenEngine.IsSipSorcery, Reason);
        await new FirstCallTests(output).The_same_call_over_typed_text();
        await new FirstCallTests(output).A_person_talks_to_the_cooking_guide_and_the_page_moves("auto");
    }

    [Fact]
    public async Task An_interruption_works_over_SIPSorcery()
    {
        Assert.SkipUnless(ChosenEngine.IsSipSorcery, Reason);
        await new BargeInTests(output).Speaking_over_the_agent_empties_the_speaker_within_200_ms();
    }

    [Fact]
    public async Task Calls_of_page_functions_work_over_SIPSorcery()
    {
        Assert.SkipUnless(ChosenEngine.IsSipSorcery, Reason);
        await new RpcTests(output).Calls_of_a_page_function_go_there_and_back_one_by_one_and_a_thousand_at_once();
    }

    [Fact]
    public async Task A_reload_goes_on_with_the_conversation_over_SIPSorcery()
    {
        Assert.SkipUnless(ChosenEngine.IsSipSorcery, Reason);
        await new ReconnectTests(output).A_reload_goes_on_with_the_same_conversation();
    }
}
