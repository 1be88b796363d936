using System.Buffers.Binary;
using Bridge.Rtc.Rtp;

namespace Bridge.Rtc.Tests.Rtp;

public sealed class AudioSessionTests
{
    private static readonly Instant Start = AudioSessionLab.Start;
    private static readonly Route Far = AudioSessionLab.Far;

    [Fact]
    public void Level_and_voice_come_with_the_packet_and_a_foreign_mid_is_refused()
    {
        var lab = new AudioSessionLab();
        lab.Receive(1, [1, 2, 3], [(1, [0x80 | 23]), (4, "0"u8.ToArray())]);
        lab.Receive(2, [1, 2, 3], [(1, [40])]);
        lab.Receive(3, [1, 2, 3], [(4, "9"u8.ToArray())]);
        lab.Receive(4, [1, 2, 3], [(1, [50])], twoByte: true);
        lab.Drain();
        Assert.Equal([((byte?)23, true), ((byte?)40, false), ((byte?)50, false)], lab.Sink.AudioPackets.Select(p => (p.Level, p.Voice)));
        Assert.Equal(1, lab.Stats.RtpMalformed);
    }

    [Fact]
    public void Padding_is_cut_off_and_alone_it_is_handed_on_with_its_number()
    {
        // RFC 3550 §5.1: the last byte counts the padding, itself included.
        var lab = new AudioSessionLab();
        lab.Receive(1, [7, 8, 0, 0, 3], timestamp: 960, padded: true);
        lab.Receive(2, [0, 0, 0, 4], timestamp: 960, padded: true);
        lab.Receive(3, [9], timestamp: 1920);
        lab.Receive(4, [0, 2], timestamp: 1920, payloadType: 63, padded: true); // after RED
        lab.Drain();
        Assert.Equal([(1, 2), (2, 0), (3, 1), (4, 0)], lab.Sink.AudioPackets.Select(p => ((int)p.Sequence, p.Payload.Length)));
        Assert.Equal(2, lab.Stats.AudioPacketsReceived);
    }

    [Fact]
    public void A_key_press_is_one_event_however_many_of_its_packets_arrive()
    {
        // RFC 4733 §2.5.1.3: the last packet three times; §2.5.1.4: every packet has the duration so far.
        foreach (int lost in (int[])[-1, 0, 1, 2, 5])
        {
            var lab = new AudioSessionLab();
            ushort sequence = 10;
            lab.Receive(sequence, [1], timestamp: 960);
            foreach ((byte key, uint timestamp) in ((byte, uint)[])[(5, 1000), (11, 9000), (5, 20_000)])
            {
                for (int i = 0; i < 6; i++)
                {
                    bool last = i >= 3;
                    byte[] payload = [key, (byte)((last ? 0x80 : 0) | 10), 0, 0];
                    BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)(960 * Math.Min(i + 1, 4)));
                    sequence++;
                    if (i != lost && !(lost == 5 && last))
                    {
                        lab.Receive(sequence, payload, payloadType: 110, timestamp: timestamp);
                    }
                }
            }

            lab.Session.Advance(Start + TimeSpan.FromSeconds(1), Far);
            lab.Drain();
            Assert.Equal("5#5", string.Concat(lab.Sink.Digits.Select(d => d.Digit)));
            Assert.All(lab.Sink.Digits, d => Assert.InRange(d.Duration, TimeSpan.FromMilliseconds(60), TimeSpan.FromMilliseconds(80)));
            Assert.Equal(1, lab.Stats.AudioPacketsReceived);

            // Their numbers are no holes in the sound, and their time is that of the sound before them.
            Assert.Equal((ushort)10, lab.Sink.AudioPackets[0].Sequence);
            Assert.Equal(lost switch { -1 => 19, 5 => 10, _ => 16 }, lab.Sink.AudioPackets.Count);
            Assert.All(lab.Sink.AudioPackets.Skip(1), p => Assert.Empty(p.Payload));
            Assert.All(lab.Sink.AudioPackets, p => Assert.Equal(960u, p.Timestamp));
        }
    }

    [Fact]
    public void A_key_that_is_held_down_for_long_is_one_press_in_as_many_segments_as_it_takes()
    {
        // RFC 4733 §2.5.1.3: 1.4 s at 48 kHz fill the duration. Browsers begin the next segment up to an update late.
        foreach (uint gap in (uint[])[0, 2_400])
        {
            var lab = new AudioSessionLab();
            uint second = 1_000 + 0xFFFF + gap;
            uint third = second + 0xFFFF + gap;
            (uint Timestamp, int Duration, bool End)[] packets =
            [
                (1_000, 2_400, false), (1_000, 0xFFFF, false), (second, 2_400, false), (second, 0xFFFF, false),
                (third, 4_800, false), (third, 9_600, true), (third, 9_600, true), (third, 9_600, true),
            ];
            ushort sequence = 10;
            foreach ((uint timestamp, int duration, bool end) in packets)
            {
                lab.Receive(sequence++, Key(7, duration, end), payloadType: 110, timestamp: timestamp);
            }

            lab.Drain();
            DtmfEvent press = Assert.Single(lab.Sink.Digits);
            Assert.Equal(('7', 1_000u), (press.Digit, press.Timestamp));
            Assert.Equal((third - 1_000 + 9_600) / 48_000.0, press.Duration.TotalSeconds, 0.001);

            // The same key again, a moment later and then as soon as a segment would begin, is another press.
            lab.Receive(sequence++, Key(7, 4_800, end: true), payloadType: 110, timestamp: third + 20_000);
            lab.Receive(sequence, Key(7, 4_800, end: true), payloadType: 110, timestamp: third + 20_000 + 0xFFFF);
            lab.Drain();
            Assert.Equal("777", string.Concat(lab.Sink.Digits.Select(d => d.Digit)));
        }
    }

    [Fact]
    public void A_packet_of_a_press_that_is_over_does_not_bring_it_back_however_late_it_comes()
    {
        var lab = new AudioSessionLab();
        lab.Receive(10, Key(1, 4_800, end: true), payloadType: 110, timestamp: 1_000);
        lab.Receive(13, Key(2, 960, end: false), payloadType: 110, timestamp: 12_000);
        lab.Receive(11, Key(1, 4_800, end: true), payloadType: 110, timestamp: 1_000); // overtaken
        lab.Receive(14, Key(2, 4_800, end: true), payloadType: 110, timestamp: 12_000);
        lab.Receive(12, Key(1, 4_800, end: true), payloadType: 110, timestamp: 1_000);
        lab.Receive(15, Key(2, 4_800, end: true), payloadType: 110, timestamp: 12_000);
        lab.Drain();
        Assert.Equal("12", string.Concat(lab.Sink.Digits.Select(d => d.Digit)));
    }

    [Fact]
    public void Presses_of_another_source_are_told_whatever_its_timestamps_are()
    {
        var lab = new AudioSessionLab();
        lab.Receive(10, Key(1, 4_800, end: false), payloadType: 110, timestamp: 50_000); // its end is never sent
        lab.Receive(10, Key(1, 4_800, end: true), payloadType: 110, timestamp: 50_000, ssrc: 77);
        lab.Receive(11, Key(2, 4_800, end: true), payloadType: 110, timestamp: 49_000, ssrc: 78);
        lab.Receive(12, Key(3, 4_800, end: true), payloadType: 110, timestamp: unchecked(49_000u - (48_000u * 60)), ssrc: 78); // began anew
        lab.Drain();
        Assert.Equal("1123", string.Concat(lab.Sink.Digits.Select(d => d.Digit)));
    }

    [Fact]
    public void Redundancy_brings_back_what_was_lost_in_order_and_nothing_twice()
    {
        var lab = new AudioSessionLab();
        lab.Receive(100, [100], timestamp: 96_000);
        lab.Receive(103, Red(98_880, (96_960, [101]), (97_920, [102]), (98_880, [103])), payloadType: 63, timestamp: 98_880);
        lab.Receive(102, [102], timestamp: 97_920);
        lab.Receive(104, Red(99_840, (97_920, [102]), (98_880, [103]), (99_840, [104])), payloadType: 63, timestamp: 99_840);
        lab.Drain();
        Assert.Equal([100, 101, 102, 103, 104], lab.Sink.AudioPackets.Select(p => (int)p.Payload[0]));
        Assert.Equal([(ushort)100, 101, 102, 103, 104], lab.Sink.AudioPackets.Select(p => p.Sequence));
        Assert.Equal([96_000u, 96_960, 97_920, 98_880, 99_840], lab.Sink.AudioPackets.Select(p => p.Timestamp));
        Assert.Equal([false, true, true, false, false], lab.Sink.AudioPackets.Select(p => p.Recovered));
        Assert.Equal(2, lab.Stats.RecoveredFromRed);
    }

    [Fact]
    public void A_page_that_brings_one_source_after_another_is_heard_with_each()
    {
        const int Sources = 60;
        var lab = new AudioSessionLab();
        for (uint source = 0; source < Sources; source++)
        {
            lab.Receive(100, [1], ssrc: 500 + source);
            lab.Receive(102, [3], ssrc: 500 + source); // 101 is lost
            if (source > 0)
            {
                lab.Receive(103, [4], ssrc: 500 + source - 1); // overtaken by the change
            }

            lab.Session.Advance(Start + TimeSpan.FromSeconds(source), Far);
            Assert.Equal(source + 1, lab.Stats.AudioPacketsLost);
        }

        lab.Drain();
        Assert.Equal((Sources * 3) - 1, lab.Sink.AudioPackets.Count);
        Assert.Equal(0, lab.Stats.RtpMalformed);

        ReadOnlySpan<byte> compound = lab.LastRtcp();
        Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket report));
        Assert.Equal(4, report.Count);
    }

    [Fact]
    public void Redundancy_from_before_the_first_packet_is_left_alone()
    {
        var lab = new AudioSessionLab();
        lab.Receive(100, Red(96_000, (95_040, [99]), (96_000, [100])), payloadType: 63, timestamp: 96_000);
        lab.Drain();
        Assert.Equal(100, Assert.Single(lab.Sink.AudioPackets).Payload[0]);
    }

    [Fact]
    public void Every_truncation_and_mutation_of_RED_is_taken_or_counted_and_never_thrown_on()
    {
        byte[] valid = Red(99_840, (97_920, [1, 2, 3]), (98_880, [4, 5]), (99_840, [6]));
        for (int length = 0; length < valid.Length; length++)
        {
            for (int value = 0; value < 256; value += 5)
            {
                byte[] payload = valid[..(length + 1)];
                payload[length] = (byte)value;
                int total = 0;
                if (RedReader.TryParse(payload, out RedReader reader))
                {
                    while (reader.MoveNext())
                    {
                        total += reader.Payload.Length;
                    }
                }

                Assert.True(total <= payload.Length);
            }
        }
    }

    [Fact]
    public void Reports_tell_loss_jitter_and_the_round_trip()
    {
        var lab = new AudioSessionLab();
        var random = new Random(4);
        for (int i = 0; i < 100; i++)
        {
            if (i % 10 != 3)
            {
                lab.Receive((ushort)i, [1], timestamp: (uint)(i * 960), at: TimeSpan.FromMilliseconds((i * 20) + random.Next(0, 10)));
            }
        }

        // A sender report of theirs, to be echoed in LSR and DLSR.
        byte[] report = new byte[28];
        RtcpPacket.WriteHeader(report, 0, RtcpPacket.SenderReport, 28);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(4), AudioSessionLab.RemoteSsrc);
        BinaryPrimitives.WriteUInt64BigEndian(report.AsSpan(8), 0x11112222_33334444);
        lab.ReceiveRtcp(report, TimeSpan.FromSeconds(2));
        Assert.True(lab.Session.TrySend(Start + TimeSpan.FromSeconds(2), Far, [1, 2], new RtpTimestamp(7_000), false, null));
        lab.Session.Advance(Start + TimeSpan.FromSeconds(4), Far);
        lab.Drain();

        ReadOnlySpan<byte> compound = lab.LastRtcp();
        Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket sent));
        Assert.Equal(RtcpPacket.SenderReport, sent.Type);
        Assert.Equal(1, sent.Count);
        ReadOnlySpan<byte> block = sent.Body[24..];
        Assert.Equal(AudioSessionLab.RemoteSsrc, BinaryPrimitives.ReadUInt32BigEndian(block));
        Assert.Equal(10 * 256 / 100, block[4]);
        Assert.Equal(10u, BinaryPrimitives.ReadUInt32BigEndian(block[4..]) & 0xFFFFFF);
        Assert.Equal(99u, BinaryPrimitives.ReadUInt32BigEndian(block[8..]));
        Assert.InRange(BinaryPrimitives.ReadUInt32BigEndian(block[12..]), 48u, 480u);
        Assert.Equal(0x22223333u, BinaryPrimitives.ReadUInt32BigEndian(block[16..]));
        Assert.Equal(2u * 65_536, BinaryPrimitives.ReadUInt32BigEndian(block[20..]));
        Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket description));
        Assert.Equal(RtcpPacket.SourceDescription, description.Type);
        Assert.True(compound.IsEmpty);

        // Their report on ours, half a second after it left, having sat there for 400 ms.
        uint middle = (uint)(BinaryPrimitives.ReadUInt64BigEndian(sent.Body[4..]) >> 16);
        byte[] back = new byte[32];
        RtcpPacket.WriteHeader(back, 1, RtcpPacket.ReceiverReport, 32);
        BinaryPrimitives.WriteUInt32BigEndian(back.AsSpan(4), AudioSessionLab.RemoteSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(back.AsSpan(8), lab.Session.Ssrc);
        back[12] = 64;
        BinaryPrimitives.WriteUInt32BigEndian(back.AsSpan(24), middle);
        BinaryPrimitives.WriteUInt32BigEndian(back.AsSpan(28), (uint)(0.4 * 65_536));
        lab.ReceiveRtcp(back, TimeSpan.FromSeconds(4.5));
        Assert.Equal(0.25, lab.Stats.RemoteLoss);
        Assert.InRange(lab.Stats.RoundTripTime!.Value.TotalMilliseconds, 99, 101);
    }

    [Fact]
    public void A_goodbye_closes_a_compound_that_begins_with_a_report()
    {
        var lab = new AudioSessionLab();
        lab.Session.SendBye(Start, Far);
        lab.Drain();
        ReadOnlySpan<byte> compound = lab.LastRtcp();
        var types = new List<byte>();
        while (RtcpPacket.TryTake(ref compound, out RtcpPacket packet))
        {
            types.Add(packet.Type);
        }

        Assert.Equal([RtcpPacket.ReceiverReport, RtcpPacket.SourceDescription, RtcpPacket.Bye], types);
        Assert.True(compound.IsEmpty);
    }

    [Fact]
    public void Transport_feedback_says_what_arrived_and_when()
    {
        var lab = new AudioSessionLab();
        (ushort Number, int Milliseconds)[] arrivals = [(65_534, 0), (65_535, 20), (1, 61), (0, 70), (5, 300)];
        ushort sequence = 1;
        foreach ((ushort number, int milliseconds) in arrivals)
        {
            lab.Receive(sequence++, [1], [(3, [(byte)(number >> 8), (byte)number])], at: TimeSpan.FromMilliseconds(milliseconds));
        }

        lab.Session.Advance(Start + TimeSpan.FromMilliseconds(310), Far);
        lab.Drain();
        ReadOnlySpan<byte> compound = lab.LastRtcp();
        Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket packet));
        Assert.Equal((RtcpPacket.TransportLayerFeedback, RtcpPacket.FeedbackTransport), (packet.Type, packet.Count));
        ReadOnlySpan<byte> fci = packet.Body[8..];
        Assert.Equal(65_534, BinaryPrimitives.ReadUInt16BigEndian(fci));
        Assert.Equal(8, BinaryPrimitives.ReadUInt16BigEndian(fci[2..]));

        // Symbols for 65534, 65535, 0, 1, 2, 3, 4 and 5: small, small, small, negative, absent three times, small or large.
        int first = BinaryPrimitives.ReadUInt16BigEndian(fci[8..]);
        int second = BinaryPrimitives.ReadUInt16BigEndian(fci[10..]);
        int[] symbols = [.. Enumerable.Range(0, 7).Select(i => (first >> (12 - (2 * i))) & 3), (second >> 12) & 3];
        Assert.Equal([1, 1, 1, 2, 0, 0, 0, 2], symbols);
        Assert.Equal(3, first >> 14);

        // Deltas of 250 µs: 0, 20 ms, 50 ms, -9 ms, 239 ms.
        Assert.Equal([0, 80, 200], fci.Slice(12, 3).ToArray().Select(b => (int)b));
        Assert.Equal(-36, BinaryPrimitives.ReadInt16BigEndian(fci[15..]));
        Assert.Equal(956, BinaryPrimitives.ReadInt16BigEndian(fci[17..]));
    }

    [Fact]
    public void Feedback_on_any_sequence_of_numbers_stays_within_its_bounds()
    {
        var random = new Random(8);
        byte[] buffer = new byte[TransportFeedback.MaxSize];
        for (int round = 0; round < 300; round++)
        {
            var feedback = new TransportFeedback(Start);
            for (int i = 0; i < random.Next(1, 400); i++)
            {
                feedback.Note(
                    Start + TimeSpan.FromMilliseconds(random.Next(0, 100_000)),
                    new SequenceNumber((ushort)(round % 2 == 0 ? random.Next() : random.Next(0, 300))));
            }

            Assert.InRange(feedback.Write(buffer), 12, buffer.Length);
        }
    }

    [Fact]
    public void Nacks_ask_a_few_times_in_one_mask_and_then_give_up()
    {
        var list = new NackList();
        byte[] fci = new byte[128];
        list.NoteGap(Start, new ExtendedSequence(100), new ExtendedSequence(104));
        list.NoteGap(Start, new ExtendedSequence(104), new ExtendedSequence(130));
        Assert.Equal(0, list.Write(Start, TimeSpan.Zero, fci, out _));
        Instant now = Start + TimeSpan.FromMilliseconds(20);
        int length = list.Write(now, TimeSpan.Zero, fci, out int asked);
        Assert.Equal((8, 28), (length, asked));
        Assert.Equal(101, BinaryPrimitives.ReadUInt16BigEndian(fci));
        Assert.Equal(0b1111_1111_1111_1011, BinaryPrimitives.ReadUInt16BigEndian(fci.AsSpan(2)));
        Assert.True(list.Arrived(new ExtendedSequence(102)));
        Assert.False(list.Arrived(new ExtendedSequence(102)));
        for (int i = 0; i < 20; i++)
        {
            now += TimeSpan.FromMilliseconds(40);
            list.Write(now, TimeSpan.Zero, fci, out asked);
        }

        Assert.Equal(Instant.Distant, list.NextDue);
    }

    [Fact]
    public void Every_mutation_of_a_compound_is_survived()
    {
        var lab = new AudioSessionLab();
        lab.Receive(1, [1]);
        lab.Session.TrySend(Start, Far, [1], new RtpTimestamp(1), false, null);
        byte[] compound = new byte[28 + 24 + 16 + 8];
        RtcpPacket.WriteHeader(compound, 1, RtcpPacket.SenderReport, 52);
        RtcpPacket.WriteHeader(compound.AsSpan(52), RtcpPacket.FeedbackNack, RtcpPacket.TransportLayerFeedback, 16);
        BinaryPrimitives.WriteUInt32BigEndian(compound.AsSpan(60), lab.Session.Ssrc);
        RtcpPacket.WriteHeader(compound.AsSpan(68), 1, RtcpPacket.Bye, 8);
        for (int i = 0; i < compound.Length; i++)
        {
            // Bytes 4 to 7 name the source; more than a few sources get no state, which is another test.
            for (int value = i is >= 4 and < 8 ? 256 : 0; value < 256; value += 3)
            {
                byte[] mutated = [.. compound];
                mutated[i] = (byte)value;
                lab.ReceiveRtcp(mutated, TimeSpan.Zero);
            }

            lab.ReceiveRtcp(compound[..Math.Max(8, i)], TimeSpan.Zero);
            lab.Drain();
        }

        Assert.True(lab.Stats.RtpMalformed > 0);
    }

    [Fact]
    public void Every_mutation_of_a_header_is_survived()
    {
        byte[] packet =
        [
            0x91, 0xEF, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 9, 0xBE, 0xDE, 0, 2, 0x10, 0x85, 0x31, 1, 2, 0x40, 0x30, 0, 1, 2, 3, 4,
        ];
        for (int i = 0; i < packet.Length; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] mutated = [.. packet];
                mutated[i] = (byte)value;
                Walk(mutated);
                Walk(mutated.AsSpan(0, i));
            }
        }

        static void Walk(ReadOnlySpan<byte> packet)
        {
            if (RtpHeader.TryParse(packet, out RtpHeader header))
            {
                Assert.True(header.Length <= packet.Length);
                var extensions = new RtpExtensions(packet, header);
                while (extensions.MoveNext())
                {
                    Assert.InRange(extensions.Value.Length, 0, 255);
                }
            }
        }
    }

    private static byte[] Red(uint timestamp, params (uint Timestamp, byte[] Payload)[] blocks)
    {
        var red = new List<byte>();
        foreach ((uint at, byte[] payload) in blocks[..^1])
        {
            byte[] header = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(header, 0x8000_0000 | (111u << 24) | ((timestamp - at) << 10) | (uint)payload.Length);
            red.AddRange(header);
        }

        red.Add(111);
        foreach ((_, byte[] payload) in blocks)
        {
            red.AddRange(payload);
        }

        return [.. red];
    }

    // event | E, volume | duration; RFC 4733 §2.3.
    private static byte[] Key(byte key, int duration, bool end) =>
        [key, (byte)((end ? 0x80 : 0) | 10), (byte)(duration >> 8), (byte)duration];
}
