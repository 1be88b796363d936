using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Bridge.Tests.Architecture;

/// <summary>
/// Which namespace of a compiled assembly uses which other one: by base types, members, attributes and the tokens in the code
/// of method bodies (ECMA-335 §III.1.9). A constant leaves no trace in compiled code, and no edge here.
/// </summary>
internal sealed class NamespaceGraph
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    private readonly string _root;
    private readonly Assembly _assembly;
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _edges = new(StringComparer.Ordinal);

    /// <param name="assembly">Read type by type.</param>
    /// <param name="root">Namespaces that are this one or lie in it count.</param>
    public NamespaceGraph(Assembly assembly, string root)
    {
        (_assembly, _root) = (assembly, root);
        foreach (var type in assembly.GetTypes())
        {
            Read(type);
        }
    }

    /// <summary>Namespaces that use another one or are used.</summary>
    public IReadOnlyCollection<string> Namespaces => [.. _edges.Keys.Concat(_edges.Values.SelectMany(to => to.Keys)).Distinct()];

    /// <summary>One cycle, an edge a line with a pair of types that makes it; empty when there is none.</summary>
    public IReadOnlyList<string> FindCycle()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in _edges.Keys)
        {
            var path = new List<string>();
            if (Visit(start, path, done) is { } again)
            {
                var cycle = path[path.IndexOf(again)..];
                return
                [
                    .. cycle.Select(
                        (from, i) => $"{from} uses {cycle[(i + 1) % cycle.Count]}: {_edges[from][cycle[(i + 1) % cycle.Count]]}"),
                ];
            }
        }

        return [];
    }

    private string? Visit(string at, List<string> path, HashSet<string> done)
    {
        if (path.Contains(at))
        {
            return at;
        }

        if (done.Contains(at) || !_edges.TryGetValue(at, out var uses))
        {
            return null;
        }

        path.Add(at);
        foreach (var next in uses.Keys)
        {
            if (Visit(next, path, done) is { } again)
            {
                return again;
            }
        }

        path.RemoveAt(path.Count - 1);
        done.Add(at);
        return null;
    }

    private void Read(Type type)
    {
        Add(type, type.BaseType);
        foreach (var contract in type.GetInterfaces())
        {
            Add(type, contract);
        }

        foreach (var parameter in type.IsGenericTypeDefinition ? type.GetGenericArguments() : [])
        {
            Array.ForEach(parameter.GetGenericParameterConstraints(), c => Add(type, c));
        }

        AddAttributes(type, type);
        foreach (var field in type.GetFields(Everything))
        {
            Add(type, field.FieldType);
            AddAttributes(type, field);
        }

        foreach (var method in type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
        {
            Add(type, (method as MethodInfo)?.ReturnType);
            Array.ForEach(method.GetParameters(), p => Add(type, p.ParameterType));
            AddAttributes(type, method);
            if (method.GetMethodBody() is { } body)
            {
                foreach (var local in body.LocalVariables)
                {
                    Add(type, local.LocalType);
                }

                foreach (var handler in body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause))
                {
                    Add(type, handler.CatchType);
                }

                ReadCode(type, method, body.GetILAsByteArray()!);
            }
        }
    }

    private void AddAttributes(Type user, MemberInfo member)
    {
        foreach (var attribute in member.GetCustomAttributesData())
        {
            Add(user, attribute.AttributeType);
        }
    }

    private void ReadCode(Type user, MethodBase method, byte[] code)
    {
        var typeArguments = user.IsGenericType ? user.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            // Two-byte instructions begin with 0xFE; their value is negative as a short.
            var value = code[at] == 0xFE ? BinaryPrimitives.ReadInt16BigEndian(code.AsSpan(at)) : code[at];
            var instruction = Codes[value];
            at += instruction.Size;
            switch (instruction.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    AddMember(
                        user,
                        method.Module.ResolveMember(
                            BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)), typeArguments, methodArguments));
                    break;
                case OperandType.InlineSwitch:
                    at += BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)) * sizeof(int);
                    break;
            }

            at += OperandSize(instruction.OperandType);
        }
    }

    private static int OperandSize(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private void AddMember(Type user, MemberInfo? member)
    {
        Add(user, member as Type ?? member?.DeclaringType);
        if (member is MethodInfo { IsGenericMethod: true } generic)
        {
            Array.ForEach(generic.GetGenericArguments(), a => Add(user, a));
        }
    }

    private void Add(Type user, Type? used)
    {
        if (used is null || used.IsGenericParameter)
        {
            return;
        }

        if (used.HasElementType)
        {
            Add(user, used.GetElementType());
            return;
        }

        if (used.IsGenericType)
        {
            Array.ForEach(used.GetGenericArguments(), a => Add(user, a));
        }

        if (used.Assembly == _assembly && IsCounted(user) && IsCounted(used) && used.Namespace != user.Namespace)
        {
            if (!_edges.TryGetValue(user.Namespace!, out var uses))
            {
                _edges.Add(user.Namespace!, uses = new SortedDictionary<string, string>(StringComparer.Ordinal));
            }

            uses.TryAdd(used.Namespace!, $"{user.Name} -> {used.Name}");
        }
    }

    private bool IsCounted(Type type) =>
        type.Namespace is { } space && (space == _root || space.StartsWith(_root + ".", StringComparison.Ordinal));
}
