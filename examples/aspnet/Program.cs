using System.Security.Claims;
using Bridge.Hosting;
using Bridge.Tools;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Restaurant;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<TableBook>();
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
    .AddCookie(cookie => cookie.LoginPath = "/login");

var bridge = builder.Services.AddBridge(builder.Configuration);
bridge.Tools.Add("book_table", (BookTable asked, ToolContext call) =>
    call.Services.GetRequiredService<TableBook>().Book(asked, call.Caller.Subject!));

var app = builder.Build();
app.MapBridge("/voice");

app.MapGet("/", (ClaimsPrincipal user, TableBook book) => Results.Text($"{user.Identity?.Name}: {string.Join("; ", book.All)}"));
app.MapGet("/login", () => Results.Content("""
    <!doctype html><title>Sign in</title><link rel="icon" href="data:,">
    <form method="post"><label>Your name <input name="name" required></label> <button>Sign in</button></form>
    """, "text/html"));
app.MapPost("/login", async (HttpContext context, string? returnUrl) =>
{
    // A real application checks a password here, and forms against forgery.
    var name = (await context.Request.ReadFormAsync())["name"].ToString();
    var person = new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme);
    await context.SignInAsync(new ClaimsPrincipal(person));
    return Results.LocalRedirect(returnUrl ?? "/voice/");
});
app.Run();
