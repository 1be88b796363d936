using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Bridge.Benchmarks;

/// <summary>
/// The allocation budget as a gate: runs each benchmark of the suite some hundred times and counts the bytes that its
/// thread allocated. <c>budgets.json</c> says how many bytes an operation may cost, for every benchmark there is.
/// </summary>
public static class AllocationBudget
{
    private const int Warmup = 300;
    private const int Operations = 200;

    /// <summary>The budgets of the file beside the program, in bytes per operation, by <c>Class.Method</c>.</summary>
    public static IReadOnlyDictionary<string, long> Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "budgets.json"));
        return JsonSerializer.Deserialize<Dictionary<string, long>>(file) ?? [];
    }

    /// <summary>Every benchmark of the suite with every combination of its parameters, and what one operation of it allocates.</summary>
    public static IEnumerable<(string Benchmark, string Parameters, double BytesPerOperation)> Measure()
    {
        foreach (Type suite in typeof(AllocationBudget).Assembly.GetExportedTypes().OrderBy(type => type.Name))
        {
            foreach (MethodInfo method in suite.GetMethods().Where(m => m.GetCustomAttribute<BenchmarkAttribute>() is not null))
            {
                foreach ((PropertyInfo Property, object? Value)[] setting in Combinations(suite))
                {
                    yield return ($"{suite.Name}.{method.Name}", string.Join(' ', setting.Select(s =>
                        s.Value)), Measure(suite, method, setting));
                }
            }
        }
    }

    private static double Measure(Type suite, MethodInfo method, (PropertyInfo Property, object? Value)[] setting)
    {
        object instance = Activator.CreateInstance(suite)!;
        foreach ((PropertyInfo property, object? value) in setting)
        {
            property.SetValue(instance, value);
        }

        Invoke<GlobalSetupAttribute>(suite, instance);
        Action operation = Operation(instance, method);
        for (int i = 0; i < Warmup; i++)
        {
            operation();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Operations; i++)
        {
            operation();
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Invoke<GlobalCleanupAttribute>(suite, instance);
        return (double)bytes / Operations;
    }

    /// <summary>The benchmark as a delegate, so that neither reflection nor boxing is counted.</summary>
    private static Action Operation(object instance, MethodInfo method)
    {
        if (method.ReturnType == typeof(void))
        {
            return method.CreateDelegate<Action>(instance);
        }

        MethodInfo wrap = typeof(AllocationBudget).GetMethod(nameof(Discard), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Action)wrap.MakeGenericMethod(method.ReturnType).Invoke(null, [instance, method])!;
    }

    private static Action Discard<T>(object instance, MethodInfo method)
    {
        Func<T> function = method.CreateDelegate<Func<T>>(instance);
        return () => function();
    }

    private static void Invoke<TAttribute>(Type suite, object instance)
        where TAttribute : Attribute
    {
        foreach (MethodInfo method in suite.GetMethods().Where(m => m.GetCustomAttribute<TAttribute>() is not null))
        {
            method.Invoke(instance, null);
        }
    }

    private static IEnumerable<(PropertyInfo Property, object? Value)[]> Combinations(Type suite)
    {
        IEnumerable<(PropertyInfo, object?)[]> all = [[]];
        foreach (PropertyInfo property in suite.GetProperties())
        {
            object?[]? values = property.GetCustomAttribute<ParamsAttribute>()?.Values
                ?? (property.GetCustomAttribute<ParamsSourceAttribute>() is { } source
                    ? [.. ((System.Collections.IEnumerable)suite.GetProperty(source.Name)!.GetValue(null)!).Cast<object?>()]
                    : null);
            if (values is not null)
            {
                all = all.SelectMany(head => values.Select(value => ((PropertyInfo, object?)[])[.. head, (property, value)])).ToArray();
            }
        }

        return all;
    }
}
