using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>The role of a slug as it is now; null when there is none.</summary>
internal delegate Role? RoleFinder(string slug);
