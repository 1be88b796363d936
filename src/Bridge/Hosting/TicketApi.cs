using Bridge.Access;
using Bridge.Configuration;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary><c>POST /api/tickets</c>: mints a ticket for an operator whose program has no JWT library.</summary>
internal static class TicketApi
{
    public static void MapTickets(this IEndpointRouteBuilder app, Operators operators) => app
        .MapPost("/api/tickets", Mint)
        .AddEndpointFilter(operators.Require)
        .WithSummary("Mints a ticket for one caller; for operators alone.");

    private static IResult Mint(TicketRequest request, IOptions<BridgeOptions> options, TimeProvider time)
    {
        var access = options.Value.Access;
        if (access.Key is not { Length: > 0 } key)
        {
            return Results.Problem("This host has no Bridge:Access:Key to sign tickets with.", statusCode: StatusCodes.Status409Conflict);
        }

        try
        {
            return Results.Json(TicketMint.Mint(request, key, access.Audience, time.GetUtcNow()));
        }
        catch (ValidationException wrong)
        {
            return Results.Problem(string.Join(" ", wrong.Errors.Select(e => e.ErrorMessage)), statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
