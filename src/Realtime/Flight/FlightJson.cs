using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>
/// The form of a flight file's lines. Every case of inputs, commands and events is written with its name, and every field, also
/// one with its default: what a later version takes for granted is no part of a recorded call.
/// </summary>
internal static class FlightJson
{
    // The name of a case stands first in its object.
    private const string Case = "$";
    private const int MaxDepth = 64;
    private static readonly Type[] Unions =
        [typeof(TurnInput), typeof(TurnCommand), typeof(ModelEvent), typeof(ModelCommand), typeof(TurnDetection)];

    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new AudioPlaceConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameCases } },
    };

    private static void NameCases(JsonTypeInfo type)
    {
        if (!Unions.Contains(type.Type))
        {
            return;
        }

        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = Case };
        foreach (var one in type.Type.Assembly.GetTypes().Where(t => t.IsSubclassOf(type.Type) && !t.IsAbstract))
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(one, one.Name));
        }
    }
}
