using System.Text.Json;

namespace Bridge.Tools;

/// <summary>
/// The caller's word aloud on a tool that the page asks about (<c>confirm: page</c>). The model passes it on by a function of
/// its own. A yes counts only when the caller has said or written something since the question, and when one question is open.
/// </summary>
internal sealed class SpokenConsent
{
    /// <summary>The function by which the model passes the answer on.</summary>
    public const string FunctionName = "answer_confirmation";

    /// <summary>Added to what a tool says of itself, so that the model asks aloud, too.</summary>
    public const string Hint = " The page asks the caller before it runs; ask them aloud, too.";

    private readonly Lock _gate = new();
    private readonly List<Question> _open = [];

    /// <summary>The function as the model sees it.</summary>
    public static BoundTool Function { get; } = Bind();

    /// <summary>A question is on the page from now on, until it is disposed of.</summary>
    public Question Ask(string tool)
    {
        var question = new Question(this, tool);
        lock (_gate)
        {
            _open.Add(question);
        }

        return question;
    }

    /// <summary>The caller said or wrote something.</summary>
    public void PersonSaid()
    {
        lock (_gate)
        {
            foreach (var question in _open)
            {
                question.Answerable = true;
            }
        }
    }

    /// <summary>The model's call of <see cref="FunctionName"/>.</summary>
    public ToolOutcome Answer(JsonElement arguments)
    {
        var approved = arguments.GetProperty("approved").GetBoolean();
        lock (_gate)
        {
            switch (_open)
            {
                case []:
                    return ToolOutcome.Fail("The page asks the caller nothing now.");
                case [var only]:
                    if (approved && !only.Answerable)
                    {
                        return ToolOutcome.Fail($"The caller has said nothing since the page asked about {only.Tool}. Ask them.");
                    }

                    return only.TryAnswer(approved)
                        ? ToolOutcome.Done(new { told = true })
                        : ToolOutcome.Fail($"The caller has answered about {only.Tool} on the page already.");
                default:
                    return ToolOutcome.Fail(
                        $"The page asks about {string.Join(" and ", _open.Select(question => question.Tool))}; the caller has to answer "
                            + $"there.");
            }
        }
    }

    private static BoundTool Bind()
    {
        var declaration = new ToolDeclaration
        {
            Name = FunctionName,
            Target = ToolTarget.Server,
            Description =
                "Passes on what the caller answers aloud when the page asks whether a function may run. Call it only after their clear yes "
                    + "or no.",
            Parameters = JsonElement.Parse(
                """{"type":"object","properties":{"approved":{"type":"boolean"}},"required":["approved"],"additionalProperties":false}"""),
        };
        return BoundTool.TryBind(declaration, out var bound, out var problem)
            ? bound
            : throw new InvalidOperationException(problem.ToString());
    }

    /// <summary>One question on the page.</summary>
    internal sealed class Question(SpokenConsent owner, string tool) : IDisposable
    {
        private readonly CancellationTokenSource _answered = new();
        private bool _over;

        /// <summary>The subject.</summary>
        public string Tool => tool;

        /// <summary>The answer aloud; null when there is none.</summary>
        public bool? Approved { get; private set; }

        /// <summary>Cancelled when the caller has answered aloud: the page need ask no more.</summary>
        public CancellationToken Answered => _answered.Token;

        /// <summary>The caller said or wrote something since it was asked.</summary>
        internal bool Answerable { get; set; }

        /// <summary>Ends the question; <see cref="Approved"/> is final from now on.</summary>
        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._open.Remove(this);
                if (_over)
                {
                    return;
                }

                _over = true;
            }

            _answered.Dispose();
        }

        // Within the owner's gate; those who wait go on outside of it.
        internal bool TryAnswer(bool approved)
        {
            if (_over || Approved is not null)
            {
                return false;
            }

            Approved = approved;
            _ = _answered.CancelAsync();
            return true;
        }
    }
}
