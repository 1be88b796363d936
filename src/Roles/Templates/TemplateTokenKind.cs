namespace Bridge.Roles.Templates;

internal enum TemplateTokenKind
{
    Text,
    Value,
    Open,
    Else,
    Close,
    Partial,
    Comment,
}
