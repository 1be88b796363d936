using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Lab;

/// <summary>Registers the lab and maps it where the operator switched it on.</summary>
internal static class LabRegistration
{
    public static IServiceCollection AddLab(this IServiceCollection services) => services.AddSingleton<LabEndpoints>();

    public static void MapLab(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<BridgeOptions>>().Value.Lab)
        {
            app.Services.GetRequiredService<LabEndpoints>().Map(app);
        }
    }
}
