using Bridge.Configuration;
using Bridge.Roles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>The pages: one document serves gallery and calls, one the operator; role modules come from the role's snapshot.</summary>
internal static class Pages
{
    public static void MapPages(this IEndpointRouteBuilder app, IFileProvider web)
    {
        app.MapGet("/", (HttpRequest request) => Document("index.html", request)).ExcludeFromDescription();
        app.MapGet("/call/{role}", (HttpRequest request) => Document("index.html", request)).ExcludeFromDescription();
        app.MapGet("/operator", (HttpRequest request) => Document("operator.html", request)).ExcludeFromDescription();
        app.MapGet("/roles/{slug}/page/{**file}", RoleFile).ExcludeFromDescription();

        IResult Document(string file, HttpRequest request) => web.GetFileInfo(file) is { Exists: true } document
            ? Results.Text(AtDepth(ReadAll(document), request.Path), "text/html; charset=utf-8")
            : Results.Text(
                "The page is not built. Start the host with ./run.sh, or run 'npm ci && npm run build' in src/Client.", statusCode: 503);
    }

    private static string ReadAll(IFileInfo file)
    {
        using var reader = new StreamReader(file.CreateReadStream());
        return reader.ReadToEnd();
    }

    // The page names its files relative to the root of the Bridge, which a proxy may serve below any path.
    private static string AtDepth(string html, PathString path)
    {
        var depth = path.Value!.Count(c => c == '/') - 1;
        return depth <= 0 ? html : html.Replace("=\"./", $"=\"{string.Concat(Enumerable.Repeat("../", depth))}", StringComparison.Ordinal);
    }

    private static IResult RoleFile(string slug, string file, RoleCatalog roles, IOptions<BridgeOptions> options, HttpContext context)
    {
        if (roles.Current.Find(slug, options.Value.PrivateRoles)?.Page is not { } page)
        {
            return Results.NotFound();
        }

        if (!page.Files.TryGetValue(file, out var content))
        {
            // Every page asks for the style; a role without one is no error in anybody's console.
            return file == "style.css" ? Results.Bytes([], "text/css") : Results.NotFound();
        }

        context.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(content.Content, content.ContentType, entityTag: new(content.ETag));
    }
}
