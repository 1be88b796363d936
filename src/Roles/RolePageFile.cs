namespace Bridge.Roles;

/// <summary>One file for the browser, held in memory so that serving it can't reach outside the role.</summary>
/// <param name="ContentType">Media type by extension.</param>
/// <param name="Content">The bytes.</param>
/// <param name="ETag">Quoted strong validator, a hash of the bytes.</param>
public sealed record RolePageFile(string ContentType, ReadOnlyMemory<byte> Content, string ETag);
