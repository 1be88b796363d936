using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Bridge.Rtc.Stun;

/// <summary>Writes a binding message into a buffer of at least 256 bytes plus the username.</summary>
internal ref struct StunWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    public StunWriter(Span<byte> buffer, StunClass messageClass, TransactionId transaction)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)messageClass);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transaction.Write(buffer[8..]);
        _length = StunMessage.HeaderSize;
    }

    public void AddUsername(string receiver, string sender)
    {
        Span<byte> value = Begin(StunAttribute.Username, receiver.Length + 1 + sender.Length);
        Encoding.ASCII.GetBytes(receiver, value);
        value[receiver.Length] = (byte)':';
        Encoding.ASCII.GetBytes(sender, value[(receiver.Length + 1)..]);
    }

    public void AddPriority(uint priority) => BinaryPrimitives.WriteUInt32BigEndian(Begin(StunAttribute.Priority, 4), priority);

    public void AddUseCandidate() => Begin(StunAttribute.UseCandidate, 0);

    public void AddTieBreaker(bool controlling, ulong tieBreaker) =>
        BinaryPrimitives.WriteUInt64BigEndian(
            Begin(controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, 8), tieBreaker);

    public void AddXorMappedAddress(TransportAddress address)
    {
        Span<byte> value = Begin(StunAttribute.XorMappedAddress, address.IsIPv4 ? 8 : 20);
        value[0] = 0;
        value[1] = (byte)(address.IsIPv4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (StunMessage.MagicCookie >> 16)));
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], address.IPv4 ^ StunMessage.MagicCookie);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(value[4..], address.Address ^ BinaryPrimitives.ReadUInt128BigEndian(_buffer[4..]));
        }
    }

    public void AddErrorCode(int code, ReadOnlySpan<byte> reason)
    {
        Span<byte> value = Begin(StunAttribute.ErrorCode, 4 + reason.Length);
        value[0] = value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
    }

    public void AddUnknownAttributes(ushort type) => BinaryPrimitives.WriteUInt16BigEndian(Begin(StunAttribute.UnknownAttributes, 2), type);

    /// <summary>Appends MESSAGE-INTEGRITY and FINGERPRINT and gives the length of the message.</summary>
    public int Finish(ReadOnlySpan<byte> key)
    {
        int covered = _length;
        Span<byte> code = Begin(StunAttribute.MessageIntegrity, HMACSHA1.HashSizeInBytes);
        SetLength();
        HMACSHA1.HashData(key, _buffer[..covered], code);

        covered = _length;
        Span<byte> value = Begin(StunAttribute.Fingerprint, 4);
        SetLength();
        BinaryPrimitives.WriteUInt32BigEndian(value, Crc32.Compute(_buffer[..covered]) ^ StunMessage.FingerprintMask);
        return _length;
    }

    private readonly void SetLength() =>
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderSize));

    private Span<byte> Begin(ushort type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], (ushort)length);
        Span<byte> value = _buffer.Slice(_length + 4, length);
        int padded = (length + 3) & ~3;
        _buffer.Slice(_length + 4 + length, padded - length).Clear();
        _length += 4 + padded;
        return value;
    }
}
