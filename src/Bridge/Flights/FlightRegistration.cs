namespace Bridge.Flights;

/// <summary>Registers what flight recorders need.</summary>
internal static class FlightRegistration
{
    public static IServiceCollection AddFlights(this IServiceCollection services) => services.AddSingleton<FlightDesk>();
}
