using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using Rollcall.Core.Exports;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>
/// Tells those who wait for a scheduled export, with a link and never the file. A mail may come twice when a server dies over it; it never gets lost
/// while the mail server comes back within some hours.
/// </summary>
internal sealed class ExportMailer(IExportMailbox mailbox, ServerOptions options, TimeProvider clock, ILogger<ExportMailer> log) : BackgroundService
{
    /// <summary>With the waits between them: a little over four hours.</summary>
    private const int AttemptsMax = 10;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested && options.Mail.Host.Length > 0)
        {
            try
            {
                while (await mailbox.TryTakeAsync(clock.GetUtcNow(), RetryAt, stoppingToken) is { } mail)
                    await HandleAsync(mail, stoppingToken);
            }
            catch (Exception cause) when (cause is not OperationCanceledException)
            {
                MailLog.TurnFailed(log, cause);
            }

            await Task.Delay(LookEvery, stoppingToken);
        }
    }

    private DateTimeOffset RetryAt(int attempts)
    {
        var wait = FirstWait * Math.Pow(2, attempts);
        return clock.GetUtcNow() + (wait < WaitMax ? wait : WaitMax);
    }

    /// <summary>One mail an address: what one of them refuses keeps nothing from the others, and nobody is told again.</summary>
    private async Task HandleAsync(ExportMail mail, CancellationToken cancel)
    {
        var left = new List<string>();
        foreach (var address in mail.To)
        {
            if (!await TrySendAsync(mail, address, cancel))
                left.Add(address);
        }

        if (left.Count > 0 && mail.Attempts + 1 >= AttemptsMax)
        {
            MailLog.GivenUp(log, mail.Task.Id, AttemptsMax);
            left.Clear();
        }

        await mailbox.KeepAsync(mail.Task, left, cancel);
    }

    /// <summary>False when it may go another time.</summary>
    private async Task<bool> TrySendAsync(ExportMail mail, string address, CancellationToken cancel)
    {
        const int permanent = 500; // RFC 5321, 4.2.1: a code of 5yz is not to be tried again
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(SendMax);
            await SendAsync(mail.Task, address, limit.Token);
            return true;
        }
        catch (Exception cause) when (!cancel.IsCancellationRequested)
        {
            MailLog.NotSent(log, mail.Task.Id, mail.Attempts + 1, cause);
            return cause is SmtpFailedRecipientException refused && (int)refused.StatusCode >= permanent;
        }
    }

    private async Task SendAsync(ExportTask task, string address, CancellationToken cancel)
    {
        var body = BodyOf(task).ReplaceLineEndings("\r\n");
        using var message = new MailMessage(options.Mail.From, address)
        {
            Subject = SubjectOf(task),
            Body = body,

            // The framework's quoted-printable writes line ends as characters of the text.
            BodyTransferEncoding = body.All(char.IsAscii) ? TransferEncoding.SevenBit : TransferEncoding.Base64,
        };
        using var smtp = new SmtpClient(options.Mail.Host, options.Mail.Port) { EnableSsl = options.Mail.StartTls };
        if (options.Mail.UserName.Length > 0)
            smtp.Credentials = new NetworkCredential(options.Mail.UserName, options.Mail.Password);
        await smtp.SendMailAsync(message, cancel);
    }

    private static string SubjectOf(ExportTask task) => task.State is ExportState.Finished
        ? FormattableString.Invariant($"{task.FileName}: {task.RowCount} rows are ready")
        : $"{task.FileName} could not be written";

    private string BodyOf(ExportTask task)
    {
        var place = $"{options.PublicUrl.TrimEnd('/')}/api/v1/tenants/{task.Tenant}/exports/{task.Id}";
        return task.State is ExportState.Finished
            ? FormattableString.Invariant($"""
                The export {task.FileName} of {task.RequestedBy} is ready: {task.RowCount} rows, {task.SizeBytes} bytes.

                File:     {place}/file
                Manifest: {place}/manifest
                SHA-256:  {task.Sha256}

                The link asks who you are. From a command line: rollcall export fetch {task.Id}
                The file is kept until {task.EndedAt?.AddHours(options.Exports.KeepHours).UtcDateTime:yyyy-MM-dd HH:mm} UTC.
                """)
            : $"""
                The export {task.FileName} of {task.RequestedBy} failed: {task.Failure}

                Task: {place}
                """;
    }
}

/// <summary>What the mailer says. Event ids 3300-3399.</summary>
internal static partial class MailLog
{
    [LoggerMessage(3301, LogLevel.Warning, "A mail about export {TaskId} was not taken (attempt {Attempt}); unless it was refused for good it is tried again")]
    public static partial void NotSent(ILogger log, string taskId, int attempt, Exception cause);

    [LoggerMessage(3302, LogLevel.Error, "Mails about export {TaskId} are given up after {Attempts} attempts")]
    public static partial void GivenUp(ILogger log, string taskId, int attempts);

    [LoggerMessage(3303, LogLevel.Warning, "The mailer could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);
}
