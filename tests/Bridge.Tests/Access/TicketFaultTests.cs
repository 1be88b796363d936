using Bridge.Access;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bridge.Tests.Access;

/// <summary>Whose fault it is that a ticket is not accepted.</summary>
public sealed class TicketFaultTests
{
    [Theory]
    [InlineData("no-dots")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    public async Task What_is_no_ticket_is_its_senders_fault_and_writes_no_line(string token)
    {
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters());
        Assert.False(result.IsValid);
        Assert.True(TicketAuthentication.IsOfTheTicket(result.Exception), result.Exception.ToString());
    }

    [Fact]
    public void Keys_that_can_not_be_had_are_the_operators_to_hear_of() =>
        Assert.False(TicketAuthentication.IsOfTheTicket(new InvalidOperationException("IDX20803: Unable to obtain configuration")));
}
