using System.Security.Claims;
using Bridge.Access;
using Bridge.Tools;

namespace Bridge.Hosting;

/// <summary>The additions of an application to its Bridge; <see cref="BridgeExtensions.AddBridge"/> gives it.</summary>
public sealed class BridgeBuilder
{
    internal BridgeBuilder(IServiceCollection services, ApplicationTools tools) => (Services, Tools) = (services, tools);

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Functions of the application that agents may call, once their role declares them with <c>target: app</c>.</summary>
    public ApplicationTools Tools { get; }

    /// <summary>
    /// Says who a person is whom the application has authenticated: the name in accounts and records, the roles it may talk to, its
    /// limits, and attributes for the role's templates. Without it the name identifier, <c>sub</c> or the name is the subject.
    /// </summary>
    /// <param name="read">Gives the caller; one without <see cref="Caller.Subject"/> may not call. Runs once per call.</param>
    public BridgeBuilder UseCaller(Func<ClaimsPrincipal, Caller> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        Services.AddSingleton(new CallerReading(read));
        return this;
    }
}
