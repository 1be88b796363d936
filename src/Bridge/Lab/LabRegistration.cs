using Bridge.Access;
using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Lab;

/// <summary>Registers the lab and maps it where the operator switched it on.</summary>
internal static class LabRegistration
{
    public static IServiceCollection AddLab(this IServiceCollection services) => services.AddSingleton<LabEndpoints>();

    public static void MapLab(this IEndpointRouteBuilder app)
    {
        var options = app.ServiceProvider.GetRequiredService<IOptions<BridgeOptions>>().Value;
        if (!options.Lab)
        {
            return;
        }

        var group = app.MapGroup("");
        if (options.Access.EffectiveMode != AccessMode.Open)
        {
            // An echo costs a line as a call does, and where calls need a ticket nobody has one for it.
            group.AddEndpointFilter(app.ServiceProvider.GetRequiredService<Operators>().Require);
        }

        app.ServiceProvider.GetRequiredService<LabEndpoints>().Map(group);
    }
}
