namespace Bridge.Recordings;

/// <summary>Registers what recordings need.</summary>
internal static class RecordingRegistration
{
    public static IServiceCollection AddRecordings(this IServiceCollection services) => services.AddSingleton<RecordingDesk>();
}
