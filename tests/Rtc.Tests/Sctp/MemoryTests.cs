using System.Runtime.CompilerServices;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Reads the heap, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class AloneOnTheHeap;

[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public void An_idle_association_with_a_channel_costs_less_than_six_kilobytes()
    {
        const int Count = 300;
        // Warm: statics, the JIT and the array pool are paid for.
        Used(Count);
        long each = Heap.GrowthWith(() => Used(Count)) / Count;
        TestContext.Current.SendDiagnosticMessage($"{each} bytes");
        Assert.InRange(each, 500, 6000);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static SctpAssociation[] Used(int count)
        {
            SctpAssociation[] associations = new SctpAssociation[count];
            for (int i = 0; i < count; i++)
            {
                SctpPair pair = SctpPair.Connected(100 + i, out ushort stream);
                pair.Send(pair.Client, stream, new byte[50_000]);
                pair.Send(pair.Server, stream, new byte[50_000]);
                Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1 && pair.Client.Messages.Count == 1));
                pair.RunFor(TimeSpan.FromSeconds(5));
                associations[i] = pair.Server.Association;
            }

            return associations;
        }
    }
}
