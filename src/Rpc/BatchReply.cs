namespace Bridge.Rpc;

/// <summary>Collects the responses to one batch until all are there. Guarded by the lock of the peer that received it.</summary>
internal sealed class BatchReply
{
    private readonly List<byte[]> _responses = [];

    /// <summary>Requests that are not answered yet, and one for the reading of the batch itself.</summary>
    public int Open { get; set; } = 1;

    public void Add(byte[] response) => _responses.Add(response);

    /// <summary>The arrays to send: one, or more when one would be too large.</summary>
    public IEnumerable<byte[]> Arrays(int maxBytes)
    {
        var first = 0;
        while (first < _responses.Count)
        {
            var size = 1;
            var next = first;
            while (next < _responses.Count && (next == first || size + _responses[next].Length + 1 <= maxBytes))
            {
                size += _responses[next].Length + 1;
                next++;
            }

            var array = new byte[size];
            array[0] = (byte)'[';
            var at = 1;
            for (var i = first; i < next; i++)
            {
                _responses[i].CopyTo(array, at);
                at += _responses[i].Length;
                array[at++] = (byte)(i + 1 < next ? ',' : ']');
            }

            yield return array;
            first = next;
        }
    }
}
