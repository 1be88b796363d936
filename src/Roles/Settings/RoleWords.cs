namespace Bridge.Roles.Settings;

/// <summary>The <c>words:</c> part of a role: what the agent says of its own accord, in the role's language.</summary>
/// <param name="Closing">When most of a budget of money or time is used up; empty for nothing.</param>
/// <param name="Goodbye">When it is used up, before the call ends; empty for nothing.</param>
public sealed record RoleWords(string Closing, string Goodbye)
{
    /// <summary>The greeting of a full-duplex model; empty: it finds its own words.</summary>
    public string Greeting { get; init; } = "";

    /// <summary>The words of a role that has none of its own.</summary>
    /// <param name="language">BCP 47 tag; English for a language that is not among the shipped ones.</param>
    public static RoleWords In(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        return language.Split('-')[0].ToLowerInvariant() switch
        {
            "de" => new RoleWords("Wir haben nicht mehr viel Zeit. Lass uns zum Ende kommen.", "Unsere Zeit ist um. Auf Wiederhören!"),
            "fr" => new RoleWords("Il nous reste peu de temps. Venons-en à la fin.", "Notre temps est écoulé. Au revoir !"),
            "es" => new RoleWords("Nos queda poco tiempo. Vayamos terminando.", "Se nos ha acabado el tiempo. ¡Hasta luego!"),
            "it" => new RoleWords("Ci resta poco tempo. Avviamoci alla fine.", "Il nostro tempo è finito. Arrivederci!"),
            "pt" => new RoleWords("Temos pouco tempo. Vamos chegando ao fim.", "O nosso tempo acabou. Até logo!"),
            "nl" => new RoleWords("We hebben niet veel tijd meer. Laten we afronden.", "Onze tijd is om. Tot ziens!"),
            _ => new RoleWords("We don't have much time left. Let us come to an end.", "Our time is up. Goodbye!"),
        };
    }
}
