using System.CommandLine;
using System.Globalization;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall tokens</c>: API tokens for scripts and agents.</summary>
internal static class TokensCommand
{
    /// <summary>Ten years: whoever wants longer wants none.</summary>
    private const int ExpiryDaysMax = 3_660;

    public static Command Create(CliContext context) => new("tokens", "Makes, lists and removes API tokens of the tenant.")
    {
        Add(context),
        AdminRun.Lister(context, "tokens", ("ID", "id"), ("NAME", "name"), ("ROLES", "roles"), ("CREATED", "created_at"), ("EXPIRES", "expires_at")),
        AdminRun.Remover(context, "a token, which stops working at once", "tokens"),
    };

    private static Command Add(CliContext context)
    {
        var name = new Argument<string>("name") { Description = "What the token is for." };
        var role = AdminRun.RoleOption();
        var expires = new Option<string?>("--expires") { Description = "When it stops working: days (90d), hours (12h), a date or an RFC 3339 time. Without it the server's default holds.", HelpName = "when" };
        var command = new Command("add", "Makes an API token and shows it once.\n\nExample: rollcall tokens add rds-agents --role agent --expires 365d") { name, role, expires };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var request = new NewTokenRequest(parse.GetRequiredValue(name), parse.GetRequiredValue(role), ExpiryOf(parse.GetValue(expires), context.Time));
            var made = await session.Client.PostAsync(session.Path("tokens"), request, NativeJson.Default.NewTokenRequest, NativeJson.Default.CreatedAnswer, cancel);
            context.Say($"Token {TextTable.Clean(request.Name)}: {made.Id}");
            context.Say($"Shown only now: {made.Token}");
        });
    }

    /// <summary>Null when nothing was said.</summary>
    internal static DateTimeOffset? ExpiryOf(string? text, TimeProvider time)
    {
        if (text is null)
            return null;

        if (text is [.. var number, 'd' or 'h'] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            var span = text.EndsWith('d') ? TimeSpan.FromDays(Math.Min(count, ExpiryDaysMax + 1)) : TimeSpan.FromHours(Math.Min(count, (ExpiryDaysMax * 24) + 1));
            if (span > TimeSpan.Zero && span.TotalDays <= ExpiryDaysMax)
                return time.GetUtcNow() + span;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : throw new UsageException($"--expires must be such as 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z, at most {ExpiryDaysMax} days, not \"{text}\".");
    }
}
