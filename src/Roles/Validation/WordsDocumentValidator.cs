using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>words:</c>. Words are paid before they are said, and short ones leave more for the call.</summary>
internal sealed class WordsDocumentValidator : AbstractValidator<WordsDocument>
{
    private const int MaxLength = 200;

    public WordsDocumentValidator()
    {
        RuleFor(words => words.Greeting).AtMost(MaxLength);
        RuleFor(words => words.Closing).AtMost(MaxLength);
        RuleFor(words => words.Goodbye).AtMost(MaxLength);
    }
}
