using Bridge.Realtime.Model;
using Bridge.Roles;

namespace Bridge.Models;

/// <summary>Opens a model session for a role; another model, or a scripted one, comes in here.</summary>
/// <exception cref="Bridge.Realtime.OpenAi.ModelSessionException">It could not be opened; the message says why.</exception>
internal delegate Task<IModelSession> ModelSessionFactory(Role role, CancellationToken cancellation);
