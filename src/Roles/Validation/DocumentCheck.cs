using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Runs a validator over a bound document and turns its failures into errors with their place.</summary>
internal static class DocumentCheck
{
    /// <summary>Gives the document back; one failure per key, none where the binding failed already.</summary>
    public static T? Validate<T>(string file, T? document, DocumentBinder binder, IValidator<T> validator, List<RoleError> errors)
        where T : class
    {
        if (document is null)
        {
            return null;
        }

        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach (var failure in validator.Validate(document).Errors)
        {
            if (!binder.HasFailed(failure.PropertyName) && reported.Add(failure.PropertyName))
            {
                var place = binder.PlaceOf(failure.PropertyName);
                errors.Add(
                    new RoleError(
                        file,
                        place?.Line ?? 1,
                        place?.Column ?? 1,
                        $"{DocumentBinder.Spell(failure.PropertyName)} {failure.ErrorMessage}"));
            }
        }

        return document;
    }
}
