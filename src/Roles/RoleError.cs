namespace Bridge.Roles;

/// <summary>An error of a role's file, and its correction.</summary>
/// <param name="File">Path below the roles folder, with forward slashes.</param>
/// <param name="Line">1-based; 0 when the error concerns the file as a whole.</param>
/// <param name="Column">1-based; 0 when the error concerns the line as a whole.</param>
/// <param name="Message">One sentence or two, for the role's author.</param>
public sealed record RoleError(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>, the form that editors and terminals turn into a link.</summary>
    public override string ToString() =>
        Line == 0 ? $"{File}: {Message}" : Column == 0 ? $"{File}:{Line}: {Message}" : $"{File}:{Line}:{Column}: {Message}";
}
