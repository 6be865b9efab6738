using System.Text;
using Rollcall.Core.Users;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Reads the directory's CSV (RFC 4180): the header names members, each row is a user.</summary>
internal static class UserCsv
{
    /// <summary>Rows of one file; our choice, as many as fit 16 MiB at 160 bytes.</summary>
    private const int RowsMax = 100_000;

    /// <summary>The users that can be stored, the last row of a name winning, and the lines that cannot.</summary>
    /// <exception cref="Core.FaultException">The header is missing or names an unknown member.</exception>
    public static (IReadOnlyList<User> Users, IReadOnlyList<RejectedLineJson> Rejected) Read(ReadOnlySpan<byte> body, Func<string, User> newUser)
    {
        var rows = new CsvRows(DecodeUtf8(body));
        if (!rows.TryRead(out var header, out _))
            throw Core.FaultException.Unreadable("The file is empty: its first line names the members");

        CheckHeader(header);
        var users = new Dictionary<string, User>(StringComparer.OrdinalIgnoreCase);
        var rejected = new List<RejectedLineJson>();
        while (rows.TryRead(out var row, out var line))
        {
            if (users.Count + rejected.Count >= RowsMax)
                throw Core.FaultException.TooMany($"A file holds at most {RowsMax} users");

            try
            {
                var user = UserOf(header, row, newUser);
                users[user.Name] = user;
            }
            catch (MemberException wrong)
            {
                rejected.Add(new RejectedLineJson(line, wrong.Field, wrong.Message));
            }
        }

        return ([.. users.Values], rejected);
    }

    private static string DecodeUtf8(ReadOnlySpan<byte> body)
    {
        try
        {
            var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            return strict.GetString(body.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body);
        }
        catch (DecoderFallbackException)
        {
            throw Core.FaultException.Unreadable("The file is not UTF-8 text");
        }
    }

    private static void CheckHeader(List<string> header)
    {
        if (header.Find(name => name is not "name" && !UserMembers.Names.Contains(name)) is { } unknown)
            throw Core.FaultException.Malformed(unknown, $"absent: the header knows name, {string.Join(", ", UserMembers.Names)}");
        if (!header.Contains("name"))
            throw Core.FaultException.Malformed("name", "in the header");
    }

    private static User UserOf(List<string> header, List<string> row, Func<string, User> newUser)
    {
        if (row.Count != header.Count)
            throw new MemberException("(row)", $"must have {header.Count} cells, as the header");

        var user = newUser(UserMembers.CheckName(row[header.IndexOf("name")]));
        for (var column = 0; column < header.Count; column++)
        {
            if (header[column] is not "name")
                user = UserMembers.With(user, header[column], row[column]);
        }

        return user;
    }
}

/// <summary>Splits RFC 4180 text into rows. A quote that opens a cell runs to its closing quote, over line ends too.</summary>
internal sealed class CsvRows(string text)
{
    private int position;
    private int line = 1;

    /// <param name="startLine">The line on which the row begins; the first is 1.</param>
    public bool TryRead(out List<string> row, out int startLine)
    {
        row = [];
        SkipBlankLines();
        startLine = line;
        if (position >= text.Length)
            return false;

        do
            row.Add(ReadCell());
        while (TryTake(','));
        TakeLineEnd();
        return true;
    }

    private void SkipBlankLines()
    {
        while (position < text.Length && text[position] is '\r' or '\n')
            TakeLineEnd();
    }

    private bool TryTake(char expected)
    {
        if (position >= text.Length || text[position] != expected)
            return false;

        position++;
        return true;
    }

    private void TakeLineEnd()
    {
        var isReturn = TryTake('\r');
        if (TryTake('\n') || isReturn)
            line++;
    }

    private string ReadCell()
    {
        if (!TryTake('"'))
        {
            var start = position;
            while (position < text.Length && text[position] is not (',' or '\r' or '\n'))
                position++;
            return text[start..position];
        }

        var cell = new StringBuilder();
        while (position < text.Length)
        {
            var character = text[position++];
            if (character == '"' && !TryTake('"'))
                break; // a doubled quote is one quote of the cell, a single one ends it
            if (character == '\n')
                line++;
            cell.Append(character);
        }

        return cell.ToString();
    }
}
