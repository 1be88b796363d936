namespace Bridge.Roles.Documents;

/// <summary>The JSON Schema of a property whose C# type says too little.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SchemaFragmentAttribute(string json) : Attribute
{
    public string Json { get; } = json;
}
