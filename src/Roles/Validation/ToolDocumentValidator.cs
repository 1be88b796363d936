using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of one tool; its JSON Schema is checked by SchemaLint.</summary>
internal sealed class ToolDocumentValidator : AbstractValidator<ToolDocument>
{
    public ToolDocumentValidator()
    {
        RuleFor(tool => tool.Name)
            .Required("name: show_recipe")
            .Written("^[A-Za-z0-9_-]{1,64}$", "a tool's name is 1 to 64 letters, digits, _ and -");
        RuleFor(tool => tool.Target).Required("target: page").OneOf("page", "server", "http", "mcp", "app");
        RuleFor(tool => tool.Description).AtMost(1024);
        RuleFor(tool => tool.BargeIn).OneOf("cancel", "keep", "detach");
        RuleFor(tool => tool.TimeoutMs).Between(100, 600_000);
        RuleFor(tool => tool.Progress).OneOf("page", "model", "none");
        RuleFor(tool => tool.Label).AtMost(60);
        RuleFor(tool => tool.Confirm).OneOf("page", "none");
        RuleFor(tool => tool.Http!).SetValidator(new HttpDocumentValidator()).When(tool => tool.Http is not null);
        RuleFor(tool => tool.Mcp!).SetValidator(new McpDocumentValidator()).When(tool => tool.Mcp is not null);

        When(tool => tool.Target is "page" or "http", () =>
        {
            RuleFor(tool => tool.Description).Required("description: Shows a recipe. Call it as soon as the caller has chosen one.");
            RuleFor(tool => tool.Parameters).NotNull()
                .WithMessage(
                    "are missing; write their JSON Schema, for a tool without arguments `parameters: { type: object, properties: {} }`.");
            RuleFor(tool => tool.Name)
                .Must(name => name is null || ServerTools.Find(name) is null)
                .WithMessage("is \"{PropertyValue}\", which is built into the server; write `target: server`, or choose another name.");
        });
        When(tool => tool.Target == "server", () =>
        {
            RuleFor(tool => tool.Name).OneOf([.. ServerTools.Names.Order(StringComparer.Ordinal)]);
            RuleFor(tool => tool.Parameters).Null().WithMessage("of a built-in tool can't be changed; remove them.");
        });
        When(tool => tool.Target == "app", () =>
        {
            RuleFor(tool => tool.Parameters).Null().WithMessage("come from the application's type; remove them.");
            RuleFor(tool => tool.Name)
                .Must(name => name is null || ServerTools.Find(name) is null)
                .WithMessage("is \"{PropertyValue}\", which is built into the server; write `target: server`, or choose another name.");
        });
        When(tool => tool.Target == "http", () =>
            RuleFor(tool => tool.Http).NotNull().WithMessage("is missing; write `http: { url: https://… }`."));
        When(tool => tool.Target == "mcp", () =>
        {
            RuleFor(tool => tool.Mcp).NotNull().WithMessage("is missing; write `mcp: { url: https://…, allow: [\"*\"] }`.");
            RuleFor(tool => tool.Parameters).Null().WithMessage("come from the MCP server; remove them.");
            RuleFor(tool => tool.Name).AtMost(24);
        });
        When(tool => tool.Target is not null and not "http", () =>
            RuleFor(tool => tool.Http).Null().WithMessage("belongs to `target: http`; remove it, or change the target."));
        When(tool => tool.Target is not null and not "mcp", () =>
            RuleFor(tool => tool.Mcp).Null().WithMessage("belongs to `target: mcp`; remove it, or change the target."));
        RuleFor(tool => tool.To)
            .Must(to => to is { Count: > 0 })
                .When(tool => tool is { Target: "server", Name: "transfer" }, ApplyConditionTo.CurrentValidator)
            .WithMessage("is missing; name the roles that may take over: `to: [conversation-partner]`.")
            .Null().When(tool => tool.Name is not null and not "transfer", ApplyConditionTo.CurrentValidator)
            .WithMessage("belongs to the tool transfer; remove it.");
    }
}
