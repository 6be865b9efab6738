using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

public sealed class SshdImportTests
{
    [Fact]
    public void A_name_that_looks_like_an_address_does_not_move_the_address()
    {
        var failed = Assert.Single(ReadMessages("Invalid user x from 6.6.6.6 port 22 from 10.0.0.1 port 5151"));

        Assert.Equal("x from 6.6.6.6 port 22", failed.Data.User);
        Assert.Equal("10.0.0.1", failed.Data.Client?.Ip);
    }

    [Theory]
    [InlineData("Failed password for anna from 10.0.0.1 port 5 ssh2", "anna", "authentication_failed")]
    [InlineData("Failed password for invalid user bo from 10.0.0.1 port 5 ssh2", "bo", "unknown_user")]
    [InlineData("Connection reset by authenticating user anna 10.0.0.1 port 5 [preauth]", "anna", "not_authenticated")]
    [InlineData("Disconnected from invalid user bo 10.0.0.1 port 5 [preauth]", "bo", "unknown_user")]
    [InlineData("Disconnecting authenticating user anna 10.0.0.1 port 5: Too many authentication failures [preauth]", "anna", "not_authenticated")]
    [InlineData("User anna from 10.0.0.1 not allowed because not listed in AllowUsers", "anna", "not_allowed")]
    [InlineData("error: maximum authentication attempts exceeded for anna from 10.0.0.1 port 5 ssh2 [preauth]", "anna", "authentication_failed")]
    public void A_failed_attempt_says_who_from_where_and_why(string message, string user, string code)
    {
        var failed = Assert.Single(ReadMessages(message));

        Assert.Equal((EventTypes.SessionFailed, user, "10.0.0.1", code), (failed.Type, failed.Data.User, failed.Data.Client?.Ip, failed.Data.Failure?.Code));
    }

    [Fact]
    public void Several_wrong_passwords_of_one_connection_are_one_attempt_and_the_logon_after_them_counts()
    {
        var events = ReadMessages(
            "Failed password for anna from 10.0.0.1 port 5 ssh2",
            "Failed password for anna from 10.0.0.1 port 5 ssh2",
            "Accepted password for anna from 10.0.0.1 port 5 ssh2");

        Assert.Equal([EventTypes.SessionFailed, EventTypes.SessionStarted], events.Select(e => e.Type));
    }

    [Fact]
    public void A_key_that_was_refused_before_another_was_accepted_is_no_failure() =>
        Assert.Equal(
            [EventTypes.SessionStarted],
            ReadMessages(
                "Failed publickey for anna from 10.0.0.1 port 5 ssh2: RSA SHA256:x",
                "Accepted publickey for anna from 10.0.0.1 port 5 ssh2: RSA SHA256:y").Select(e => e.Type));

    [Fact]
    public void Without_PAM_the_disconnect_is_the_end()
    {
        var events = ReadMessages(
            "Accepted publickey for anna from 10.0.0.1 port 5 ssh2: RSA SHA256:y",
            "Received disconnect from 10.0.0.1 port 5:11: disconnected by user",
            "Disconnected from user anna 10.0.0.1 port 5");

        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionEnded], events.Select(e => e.Type));
        Assert.Equal("disconnected by user", events[1].Data.Reason);
    }

    [Fact]
    public void The_file_form_of_rsyslog_needs_neither_zone_nor_year()
    {
        var line = "2026-11-22T00:39:15.531817+01:00 vm sshd-session[7]: Accepted password for anna from ::ffff:10.0.0.1 port 1 ssh2";

        var started = Assert.Single(Read(new SshdImporter(null, null), Lines("auth.log", line)));

        Assert.Equal("2026-11-21 23:39:15.531 | session.started | vm | 7 | anna | SSH | from 10.0.0.1", Text(started));
    }

    [Fact]
    public void Structured_data_of_RFC_5424_is_not_the_message()
    {
        var line = "<38>1 2026-11-22T00:39:15Z vm sshd 7 ID [a@1 k=\"x] y\\\"z\"][b@2] Accepted password for anna from 10.0.0.1 port 1 ssh2";

        Assert.Equal("anna", Assert.Single(Read(new SshdImporter(null, null), Lines("auth.log", line))).Data.User);
    }

    [Fact]
    public void Two_hosts_in_one_file_keep_their_processes_apart()
    {
        var tally = new Tally();
        var events = Read(new SshdImporter(null, null), tally, Lines(
            "all.log",
            "2026-11-22T00:00:01Z one sshd[7]: Accepted password for anna from 10.0.0.1 port 1 ssh2",
            "2026-11-22T00:00:02Z two sshd[7]: Accepted password for bo from 10.0.0.2 port 1 ssh2",
            "2026-11-22T00:00:03Z one sshd[7]: pam_unix(sshd:session): session closed for user anna"));

        Assert.Equal(["one", "two", "one"], events.Select(e => e.Data.Host.Name));
        Assert.Equal(2, events.Select(e => e.Source).Distinct(StringComparer.Ordinal).Count());
    }

    private static List<LedgerEvent> ReadMessages(params string[] messages) =>
        Read(new SshdImporter(null, null), Lines("auth.log", [.. messages.Select((m, i) => $"2026-11-22T00:00:{i:00}Z vm sshd[7]: {m}")]));
}
