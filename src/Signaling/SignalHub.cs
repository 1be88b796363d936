using System.Security.Claims;
using FluentValidation;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace Bridge.Signaling;

/// <summary>
/// Negotiates calls at <c>/signal</c>. SDP passes through as opaque text. Every refusal leaves as a
/// <see cref="HubException"/> whose message is <c>code: sentence</c> (<see cref="SignalCodes"/>), followed by
/// <c> (retryAfter: SECONDS)</c> where another try is worth while.
/// </summary>
public sealed class SignalHub : Hub<ISignalClient>
{
    private static readonly JoinRequestValidator JoinValidator = new();
    private static readonly OfferRequestValidator OfferValidator = new();
    private static readonly StartRequestValidator StartValidator = new();
    private static readonly CandidateRequestValidator CandidateValidator = new();
    private static readonly HangupRequestValidator HangupValidator = new();
    private static readonly RecapRequestValidator RecapValidator = new();

    private readonly ICallGateway _gateway;
    private readonly ILogger<SignalHub> _logger;

    /// <summary>Serves one hub invocation.</summary>
    public SignalHub(ICallGateway gateway, ILogger<SignalHub> logger)
    {
        _gateway = gateway;
        _logger = logger;
    }

    /// <summary>Opens a call with a role, or resumes one.</summary>
    public Task<JoinReply> Join(JoinRequest request) =>
        Guard(JoinValidator, request, null, () => JoinAsync(request));

    /// <summary>
    /// Join and the first offer in one message. A call that was opened for an offer that is refused ends at once; one that was
    /// resumed goes on.
    /// </summary>
    public Task<StartReply> Start(StartRequest request) =>
        Guard(StartValidator, request, null, async () =>
        {
            var join = await JoinAsync(request.Join).ConfigureAwait(false);
            try
            {
                var answer = await OfferAsync(new OfferRequest(join.CallId, request.Sdp)).ConfigureAwait(false);
                return new StartReply(join, answer.Sdp);
            }
            catch when (!join.Resumed)
            {
                // Its id never reached the page, which could not hang it up.
                var hangup = new HangupRequest(join.CallId);
                await _gateway.HangupAsync(Context.ConnectionId, hangup, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        });

    /// <summary>Answers an offer: the first one, or an ICE restart.</summary>
    public Task<OfferReply> Offer(OfferRequest request) =>
        Guard(OfferValidator, request, request?.CallId, () => OfferAsync(request!));

    /// <summary>Takes a trickled candidate of the browser.</summary>
    public Task AddCandidate(CandidateRequest request) =>
        Guard(CandidateValidator, request, request?.CallId, async () =>
        {
            await _gateway.AddCandidateAsync(Context.ConnectionId, request!, Context.ConnectionAborted).ConfigureAwait(false);
            Log.CandidateTaken(_logger, request!.CallId);
            return true;
        });

    /// <summary>Ends the call.</summary>
    public Task Hangup(HangupRequest request) =>
        Guard(HangupValidator, request, request?.CallId, async () =>
        {
            await _gateway.HangupAsync(Context.ConnectionId, request!, Context.ConnectionAborted).ConfigureAwait(false);
            Log.HungUp(_logger, request!.CallId);
            return true;
        });

    /// <summary>Tells how a call ended that the page was away from.</summary>
    public Task<RecapReply> Recap(RecapRequest request) =>
        Guard(RecapValidator, request, null, () => _gateway.RecapAsync(request, Context.ConnectionAborted));

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception) => _gateway.DisconnectedAsync(Context.ConnectionId);

    private async Task<JoinReply> JoinAsync(JoinRequest request)
    {
        var reply = await _gateway.JoinAsync(Caller(), request.Normalised(), Context.ConnectionAborted).ConfigureAwait(false);
        Log.Joined(_logger, reply.CallId, reply.Resumed);
        return reply;
    }

    private async Task<OfferReply> OfferAsync(OfferRequest request)
    {
        var reply = await _gateway.OfferAsync(Context.ConnectionId, request, Context.ConnectionAborted).ConfigureAwait(false);
        Log.OfferAnswered(_logger, request.CallId, request.Sdp.Length, reply.Sdp.Length);
        return reply;
    }

    private async Task<TReply> Guard<TRequest, TReply>(
        AbstractValidator<TRequest> validator, TRequest? request, string? callId, Func<Task<TReply>> handle)
    {
        if (request is null)
        {
            throw Refuse<TRequest>(null, new SignalRefusal(SignalCodes.InvalidRequest, "The request has no body."));
        }

        var verdict = validator.Validate(request);
        if (!verdict.IsValid)
        {
            throw Refuse<TRequest>(
                null, new SignalRefusal(SignalCodes.InvalidRequest, string.Join(" ", verdict.Errors.Select(e => e.ErrorMessage))));
        }

        try
        {
            return await handle().ConfigureAwait(false);
        }
        catch (SignalRefusal refusal)
        {
            throw Refuse<TRequest>(callId, refusal);
        }
        catch (OperationCanceledException) when (Context.ConnectionAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception defect)
        {
            Log.RequestFailed(_logger, typeof(TRequest).Name, defect);
            throw new HubException($"{SignalCodes.Internal}: The server could not do this; its log says why.");
        }
    }

    private HubCaller Caller()
    {
        var http = Context.GetHttpContext();
        var fault = http?.Items.TryGetValue(HubCaller.TicketFaultItem, out var code) is true ? code as string : null;
        var user = Context.User ?? new ClaimsPrincipal();
        return new HubCaller(
            Context.ConnectionId, http?.Connection.RemoteIpAddress, user, fault, http?.Items.ContainsKey(HubCaller.LocalItem) is true);
    }

    /// <summary>A refusal is no defect: one line says its code, and SignalR's own line with a stack is filtered out by the host.</summary>
    private HubException Refuse<TRequest>(string? callId, SignalRefusal refusal)
    {
        // An id that names no call is the caller's own text.
        if (callId is null || refusal.Code == SignalCodes.UnknownCall)
        {
            Log.RequestRefused(_logger, typeof(TRequest).Name, refusal.Code);
        }
        else
        {
            Log.CallRequestRefused(_logger, callId, typeof(TRequest).Name, refusal.Code);
            if (refusal.Code is SignalCodes.InvalidSdp or SignalCodes.InvalidCandidate)
            {
                // The sentence says which line is wrong, and quotes nothing of it.
                Log.DescriptionRefused(_logger, callId, refusal.Message);
            }
        }

        var wait = refusal.RetryAfterSeconds is { } seconds ? $" (retryAfter: {seconds})" : "";
        return new HubException($"{refusal.Code}: {refusal.Message}{wait}");
    }
}
