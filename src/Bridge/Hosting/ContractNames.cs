using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Bridge.Signaling;

namespace Bridge.Hosting;

/// <summary>
/// Keeps the members of the Bridge's own messages in camelCase, whatever naming the application around it has chosen for its JSON: the
/// page reads them by these names.
/// </summary>
internal static class ContractNames
{
    private static readonly HashSet<Assembly> Ours = [typeof(ContractNames).Assembly, typeof(SignalHub).Assembly];

    public static void Hold(JsonSerializerOptions json) =>
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(Name);

    private static void Name(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || !Ours.Contains(type.Type.Assembly))
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider is MemberInfo member && !member.IsDefined(typeof(JsonPropertyNameAttribute), inherit: true))
            {
                property.Name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            }
        }
    }
}
