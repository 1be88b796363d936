using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Random walks: channels of all kinds open, talk and close on both sides while the path gets worse and better.</summary>
public sealed class WalkTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Bridge.Testing.Seeds.Long ? 2000 : 100)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_reliable_messages_arrive_once_and_in_order_and_all_comes_to_rest(int seed)
    {
        Walk walk = new(seed);
        for (int step = 0; step < 150; step++)
        {
            walk.Step();
        }

        walk.ComeToRest();
    }

    private sealed class Walk
    {
        private readonly Random _random;
        private readonly SctpPair _pair;
        private readonly Dictionary<(bool FromClient, int Number), Talk> _talks = [];
        private int _numbers;

        public Walk(int seed)
        {
            _random = new Random(seed);
            _pair = new SctpPair(seed, path: p =>
            {
                p.Loss = 0.1;
                p.Jitter = TimeSpan.FromMilliseconds(5);
                p.Duplication = 0.02;
            });
            _pair.Client.Association.Connect(_pair.Now);
            if (_random.Next(2) == 0)
            {
                _pair.Server.Association.Connect(_pair.Now);
            }
        }

        public void Step()
        {
            bool fromClient = _random.Next(2) == 0;
            SctpEnd end = fromClient ? _pair.Client : _pair.Server;
            switch (_random.Next(12))
            {
                case 0 or 1:
                    Open(fromClient, end);
                    break;
                case 2 when Pick(fromClient) is { Closed: false } talk:
                    talk.Closed = true;
                    end.Association.CloseChannel(_pair.Now, talk.Stream);
                    break;
                case 3:
                    Pipe pipe = _random.Next(2) == 0 ? _pair.ToServer : _pair.ToClient;
                    pipe.Loss = _random.Next(5) * 0.1;
                    pipe.Jitter = TimeSpan.FromMilliseconds(_random.Next(60));
                    break;
                case 4:
                    _pair.Client.Association.PathChanged(_pair.Now);
                    _pair.Server.Association.PathChanged(_pair.Now);
                    break;
                case 5:
                    _pair.RunFor(TimeSpan.FromMilliseconds(_random.Next(1500)));
                    break;
                default:
                    Say(fromClient, end);
                    _pair.RunFor(TimeSpan.FromMilliseconds(_random.Next(30)));
                    break;
            }
        }

        public void ComeToRest()
        {
            foreach (Pipe pipe in (Pipe[])[_pair.ToServer, _pair.ToClient])
            {
                pipe.Loss = 0;
                pipe.Jitter = TimeSpan.Zero;
            }

            _pair.RunFor(TimeSpan.FromSeconds(20));
            Assert.True(_pair.Client.ClosedBy is null && _pair.Server.ClosedBy is null, _pair.Story("both live"));
            foreach (((bool fromClient, int number), Talk talk) in _talks)
            {
                SctpEnd receiver = fromClient ? _pair.Server : _pair.Client;
                int[] got = [.. receiver.Messages.Where(m => BitConverter.ToInt32(m.Bytes) == number).Select(m => Check(m.Bytes))];
                string story = _pair.Story(
                    $"channel {number} ({talk.Options}) of the {(fromClient ? "client" : "server")}: {talk.Sent} sent, "
                        + $"{string.Join(' ', got)}");
                Assert.Equal(got.Length, got.Distinct().Count());
                if (talk.Options.Ordered)
                {
                    Assert.True(got.SequenceEqual(got.Order()), story);
                }

                if (talk.Options.MaxLifetime is null && talk.Options.MaxRetransmits is null)
                {
                    Assert.True(got.Length == talk.Sent, story);
                }
            }

            int open = _talks.Values.Count(t => !t.Closed);
            Assert.True(_pair.Client.Association.ChannelCount == open && _pair.Server.Association.ChannelCount == open,
                _pair.Story(
                    $"{open} channels are open, not {_pair.Client.Association.ChannelCount} and {_pair.Server.Association.ChannelCount}"));
            _pair.RunFor(TimeSpan.FromSeconds(1));
            Assert.True(
                _pair.Client.Deadline.Why is DeadlineReason.SctpHeartbeat,
                _pair.Story($"the client waits for {_pair.Client.Deadline.Why}"));
            Assert.True(
                _pair.Server.Deadline.Why is DeadlineReason.SctpHeartbeat,
                _pair.Story($"the server waits for {_pair.Server.Deadline.Why}"));
        }

        private void Open(bool fromClient, SctpEnd end)
        {
            DataChannelOptions options = new()
            {
                Label = "walk",
                Ordered = _random.Next(2) == 0,
                MaxRetransmits = _random.Next(3) == 0 ? (ushort)_random.Next(3) : null,
            };
            if (options.MaxRetransmits is null && _random.Next(4) == 0)
            {
                options = options with { MaxLifetime = TimeSpan.FromMilliseconds(_random.Next(1, 400)) };
            }

            if (_talks.Values.Count(t => !t.Closed) < 20 && end.Association.TryOpenChannel(_pair.Now, options, out ushort stream))
            {
                _talks.Add((fromClient, ++_numbers), new Talk(stream, options, _numbers));
            }
        }

        private void Say(bool fromClient, SctpEnd end)
        {
            if (Pick(fromClient) is not { Closed: false } talk)
            {
                return;
            }

            byte[] message = new byte[8 + _random.Next(_random.Next(8) == 0 ? 60_000 : 800)];
            message.AsSpan(8).Fill((byte)(talk.Number + talk.Sent));
            BitConverter.TryWriteBytes(message, talk.Number);
            BitConverter.TryWriteBytes(message.AsSpan(4), talk.Sent);
            if (_pair.Send(end, talk.Stream, message) == DataSendResult.Queued)
            {
                talk.Sent++;
            }
        }

        private Talk? Pick(bool fromClient)
        {
            Talk[] open = [.. _talks.Where(t => t.Key.FromClient == fromClient && !t.Value.Closed).Select(t => t.Value)];
            return open.Length == 0 ? null : open[_random.Next(open.Length)];
        }

        private int Check(byte[] message)
        {
            int number = BitConverter.ToInt32(message);
            int at = BitConverter.ToInt32(message, 4);
            Assert.True(message.AsSpan(8).IndexOfAnyExcept((byte)(number + at)) < 0, _pair.Story("a message is whole"));
            return at;
        }
    }

    private sealed class Talk(ushort stream, DataChannelOptions options, int number)
    {
        public ushort Stream { get; } = stream;

        public DataChannelOptions Options { get; } = options;

        public int Number { get; } = number;

        public int Sent { get; set; }

        public bool Closed { get; set; }
    }
}
