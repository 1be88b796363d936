using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>The kind of a message.</summary>
internal enum EnvelopeKind
{
    Invalid,
    Request,
    Notification,
    Response,
}

/// <summary>
/// The members of one JSON-RPC message, as slices of its text. Only the envelope is looked at; params, result and error
/// are checked to be JSON and left as they are.
/// </summary>
internal readonly ref struct Envelope
{
    public const int MaxMethodBytes = 128;

    private static readonly JsonReaderOptions Plain = new() { MaxDepth = JsonScanner.DepthLimit };

    public EnvelopeKind Kind { get; private init; }

    /// <summary>
    /// Valid for requests, for responses (unless the other side answered with null), and for invalid messages whose id could be
    /// read.
    /// </summary>
    public RpcId? Id { get; private init; }

    /// <summary>The method's token, with quotes.</summary>
    private ReadOnlySpan<byte> MethodToken { get; init; }

    public ReadOnlySpan<byte> Params { get; private init; }

    public ReadOnlySpan<byte> Result { get; private init; }

    public ReadOnlySpan<byte> Error { get; private init; }

    /// <summary>Why the message is invalid, for the error response.</summary>
    public string? Problem { get; private init; }

    /// <summary>
    /// Writes the method's name without its escapes; <paramref name="name"/> holds at least <see cref="MaxMethodBytes"/>.
    /// </summary>
    public int ReadMethod(Span<char> name)
    {
        var reader = new Utf8JsonReader(MethodToken, Plain);
        reader.Read();
        return reader.CopyString(name);
    }

    /// <summary>
    /// Reads one object and what follows it up to the end. False: the text is no JSON, <paramref name="errorAt"/> says
    /// where. True with <see cref="EnvelopeKind.Invalid"/>: it is JSON, and no JSON-RPC.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, int maxDepth, out Envelope envelope, out int errorAt)
    {
        envelope = default;
        var scanner = new JsonScanner(text);
        scanner.SkipWhitespace();
        if (scanner.Current != '{' || maxDepth < 1)
        {
            var isJson = scanner.TrySkipValue(maxDepth) && EndsHere(ref scanner);
            errorAt = scanner.Position;
            envelope = new Envelope { Problem = "A message is an object, or an array of objects." };
            return isJson;
        }

        scanner.TrySkip((byte)'{');
        var seen = Members.None;
        ReadOnlySpan<byte> version = default, id = default, method = default, parameters = default, result = default, error = default;
        var twice = false;
        scanner.SkipWhitespace();
        if (!scanner.TrySkip((byte)'}'))
        {
            do
            {
                scanner.SkipWhitespace();
                var nameStart = scanner.Position;
                if (scanner.Current != '"' || !scanner.TrySkipString())
                {
                    errorAt = scanner.Position;
                    return false;
                }

                var member = Recognise(scanner.Slice(nameStart));
                scanner.SkipWhitespace();
                if (!scanner.TrySkip((byte)':'))
                {
                    errorAt = scanner.Position;
                    return false;
                }

                scanner.SkipWhitespace();
                var valueStart = scanner.Position;
                if (!scanner.TrySkipValue(maxDepth - 1))
                {
                    errorAt = scanner.Position;
                    return false;
                }

                twice |= member != Members.None && (seen & member) != 0;
                seen |= member;
                var value = scanner.Slice(valueStart);
                switch (member)
                {
                    case Members.Version: version = value; break;
                    case Members.Id: id = value; break;
                    case Members.Method: method = value; break;
                    case Members.Params: parameters = value; break;
                    case Members.Result: result = value; break;
                    case Members.Error: error = value; break;
                }

                scanner.SkipWhitespace();
            }
            while (scanner.TrySkip((byte)','));

            if (!scanner.TrySkip((byte)'}'))
            {
                errorAt = scanner.Position;
                return false;
            }
        }

        errorAt = scanner.Position;
        if (!EndsHere(ref scanner))
        {
            errorAt = scanner.Position;
            return false;
        }

        var hasId = RpcId.TryParse(id, out var parsedId);
        RpcId? knownId = hasId && !twice ? parsedId : null;
        var isResponse = (seen & (Members.Result | Members.Error)) != 0 && (seen & Members.Method) == 0;
        string? problem = null;
        if (twice)
        {
            problem = "A member stands twice in the message.";
        }
        else if (!version.SequenceEqual("\"2.0\""u8))
        {
            problem = "\"jsonrpc\" must be \"2.0\".";
        }
        else if (isResponse)
        {
            if ((seen & Members.Result) != 0 && (seen & Members.Error) != 0)
            {
                problem = "A response has a result or an error, not both.";
            }
            else if (!error.IsEmpty && error[0] != '{')
            {
                problem = "\"error\" must be an object.";
            }
            else if (!hasId && !id.SequenceEqual("null"u8))
            {
                problem = "A response has the id of its request.";
            }
        }
        else if (method.IsEmpty && hasId)
        {
            problem = "A message has a method, a result or an error.";
        }
        else if (method.IsEmpty || method[0] != '"' || method.Length > MaxMethodBytes + 2)
        {
            problem = "\"method\" must be a string of at most 128 bytes.";
        }
        else if ((seen & Members.Id) != 0 && !hasId)
        {
            problem = "\"id\" must be a whole number or a string of at most 128 bytes.";
        }
        else if (!parameters.IsEmpty && parameters[0] is not ((byte)'{' or (byte)'['))
        {
            problem = "\"params\" must be an object or an array.";
        }

        envelope = new Envelope
        {
            Kind = problem is not null ? EnvelopeKind.Invalid
                : isResponse ? EnvelopeKind.Response
                : hasId ? EnvelopeKind.Request : EnvelopeKind.Notification,
            Id = knownId,
            MethodToken = method,
            Params = parameters,
            Result = result,
            Error = error,
            Problem = problem,
            LooksLikeResponse = isResponse || (method.IsEmpty && hasId),
        };
        return true;
    }

    /// <summary>An invalid message that carries no method: our request of that id gets no better answer any more.</summary>
    public bool LooksLikeResponse { get; private init; }

    private static bool EndsHere(ref JsonScanner scanner)
    {
        scanner.SkipWhitespace();
        return scanner.AtEnd;
    }

    private static Members Recognise(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("\"jsonrpc\""u8) => Members.Version,
        _ when name.SequenceEqual("\"id\""u8) => Members.Id,
        _ when name.SequenceEqual("\"method\""u8) => Members.Method,
        _ when name.SequenceEqual("\"params\""u8) => Members.Params,
        _ when name.SequenceEqual("\"result\""u8) => Members.Result,
        _ when name.SequenceEqual("\"error\""u8) => Members.Error,
        _ => Members.None,
    };

    [Flags]
    private enum Members
    {
        None = 0,
        Version = 1,
        Id = 2,
        Method = 4,
        Params = 8,
        Result = 16,
        Error = 32,
    }
}
