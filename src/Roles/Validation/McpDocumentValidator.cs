using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of an MCP server.</summary>
internal sealed class McpDocumentValidator : AbstractValidator<McpDocument>
{
    public McpDocumentValidator()
    {
        RuleFor(mcp => mcp)
            .Must(mcp => string.IsNullOrEmpty(mcp.Url) != string.IsNullOrEmpty(mcp.Command))
            .WithMessage("needs either a url (HTTP) or a command (standard input and output), not both.");
        RuleFor(mcp => mcp.Url)
            .Must(url => string.IsNullOrEmpty(url) || HttpDocumentValidator.IsWebAddress(url))
            .WithMessage("is \"{PropertyValue}\"; it must be an absolute http or https address without user name.");
        RuleFor(mcp => mcp.Allow)
            .NotEmpty().WithMessage("is missing; list the tools that the model may see, or \"*\" for all.");
    }
}
