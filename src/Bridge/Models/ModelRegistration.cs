using Bridge.RehearsalHosting;

namespace Bridge.Models;

/// <summary>Registers the models that answer: the Realtime service or the embedded rehearsal model.</summary>
internal static class ModelRegistration
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services
        .AddSingleton<RehearsalHost>()
        .AddSingleton<ModelDirectory>()
        .AddSingleton<ModelHealth>()
        .AddSingleton<TextModelClient>()
        .AddSingleton<ModelConnector>()
        .AddSingleton<ModelSessionFactory>(s => s.GetRequiredService<ModelConnector>().OpenAsync);
}
