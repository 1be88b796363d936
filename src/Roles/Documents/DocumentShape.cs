using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace Bridge.Roles.Documents;

/// <summary>The keys of a document type: snake_case of its properties.</summary>
internal sealed class DocumentShape
{
    private static readonly ConcurrentDictionary<Type, DocumentShape> Known = new();

    private DocumentShape(Type type)
    {
        Keys = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .ToDictionary(property => KeyOf(property.Name), StringComparer.Ordinal);
    }

    public IReadOnlyDictionary<string, PropertyInfo> Keys { get; }

    public static DocumentShape Of(Type type) => Known.GetOrAdd(type, static key => new DocumentShape(key));

    public static string KeyOf(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
}
