namespace Bridge.Rtc.Sctp;

/// <summary>
/// Applies SACKs to what was sent: which chunks arrived, which were reported missing, which messages are done (RFC 9260 §6.2.1, §7.2.4).
/// </summary>
internal sealed class Acknowledger(SentChunks sent, SendQueue queue, Rack rack)
{
    /// <summary>Takes a SACK whose cumulative TSN moves ahead by <paramref name="advance"/>.</summary>
    public Acknowledgement Take(Instant now, in SackChunk sack, int advance)
    {
        Acknowledgement news = new() { Now = now };
        RemoveAcknowledged(advance, ref news);
        CountMissing(AcknowledgeGaps(sack, ref news));
        return news;
    }

    private void RemoveAcknowledged(int count, ref Acknowledgement news)
    {
        for (int i = 0; i < count; i++)
        {
            Settle(0, ref news);
            OutboundMessage message = sent[0].Message;
            sent.RemoveFirst();
            if (--message.Outstanding == 0 && message.IsWhollySent)
            {
                queue.Release(message);
            }
        }
    }

    private int AcknowledgeGaps(in SackChunk sack, ref Acknowledgement news)
    {
        int highest = 0;
        int previousEnd = 0;
        for (int g = 0; g < sack.GapCount; g++)
        {
            (int start, int end) = sack.Gap(g);

            // Offsets count from the cumulative TSN, so 1 is the chunk at index 0. Blocks ascend, which bounds the work.
            if (start <= previousEnd || end < start || end > sent.Count)
            {
                break;
            }

            previousEnd = end;
            for (int i = start - 1; i < end; i++)
            {
                if (Settle(i, ref news))
                {
                    highest = i;
                }
            }
        }

        return highest;
    }

    // False when the chunk was acknowledged or given up before.
    private bool Settle(int index, ref Acknowledgement news)
    {
        ref SentChunk chunk = ref sent[index];
        if (chunk.State is not (SentState.InFlight or SentState.Lost))
        {
            return false;
        }

        sent.SetState(index, SentState.Acknowledged);
        news.Bytes += chunk.Length;
        if (chunk.Transmissions == 1)
        {
            // Karn: only what was sent once measures the round trip. The newest of a batch waited least for its SACK.
            TimeSpan taken = news.Now - chunk.SentAt;
            news.Sample = news.Sample is { } sample && sample < taken ? sample : taken;
        }

        rack.Acknowledged(news.Now, chunk, sent.First + index);
        return true;
    }

    private void CountMissing(int highest)
    {
        for (int i = 0; i < highest; i++)
        {
            ref SentChunk chunk = ref sent[i];
            chunk.Missing += chunk.State == SentState.InFlight && chunk.Missing < byte.MaxValue ? (byte)1 : (byte)0;
        }
    }
}
