namespace Bridge.Roles.Loading;

/// <summary>Bounds of a role's size; generous for people, small for an attacker who wants to fill the memory.</summary>
internal static class FileBounds
{
    public const int TextBytes = 256 * 1024;
    public const int OutcomeBytes = 32 * 1024;
    public const int DataBytes = 1024 * 1024;
    public const int PageFileBytes = 2 * 1024 * 1024;
    public const int RoleBytes = 8 * 1024 * 1024;
    public const int Files = 256;
    public const int FolderDepth = 6;
}
