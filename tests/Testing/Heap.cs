using System.Runtime.CompilerServices;

namespace Bridge.Testing;

/// <summary>Bytes that things hold on the managed heap, beside a test runner that lives on the same heap.</summary>
public static class Heap
{
    private const int Rounds = 4;

    /// <summary>
    /// Bytes by which the heap grows with what is made: the least of some rounds. Memory that is held is held in each of them; what
    /// the runner happens to put beside it (megabytes, when it writes its results) is not.
    /// </summary>
    /// <param name="make">Makes the things; called once a round.</param>
    /// <param name="done">Done with them after they were weighed.</param>
    public static long GrowthWith<T>(Func<T> make, Action<T>? done = null)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            least = Math.Min(least, Weigh(make, done));
        }

        return least;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Weigh<T>(Func<T> make, Action<T>? done)
    {
        long before = Alive();
        T things = make();
        long grown = Alive() - before;
        done?.Invoke(things);
        GC.KeepAlive(things);
        return grown;
    }

    private static long Alive()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
