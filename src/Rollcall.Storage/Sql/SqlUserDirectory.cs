using System.Runtime.CompilerServices;
using Rollcall.Core;
using Rollcall.Core.Users;

namespace Rollcall.Storage.Sql;

/// <summary>The tenant's directory of people.</summary>
public sealed class SqlUserDirectory(StoreDatabase database) : IUserDirectory
{
    /// <summary>Separates group names in the column; no name holds it, since control characters are refused.</summary>
    private const char GroupSeparator = '\u001F';

    private const string Columns =
        """
        id, name, sid, domain, full_name, email, phone, description, activation, invited, enabled, locked, user_groups, expires_ms,
        password_never_expires, may_change_password, must_change_password, desktops, sharing, shared_desktops, subproject
        """;

    private static readonly string Replacing = SqlUpsert.Replacing($"name_key, description_key, {Columns}", "id");

    public Task<Page<User>> FindAsync(UserQuery query, string? cursor, int take, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
    {
        var filter = FilterOf(query);
        var total = connection.Number($"SELECT COUNT(*) FROM users {filter.Where}", filter.Parameters);
        filter.And("name_key > $after", "$after", cursor is null ? null : NameCursor.Parse(cursor)).With("$take", take + 1);
        var rows = connection.Rows(
            row => Read(row, query.Tenant), $"SELECT {Columns} FROM users {filter.Where} ORDER BY name_key LIMIT $take", filter.Parameters);
        return NameCursor.Cut(rows, take, user => NameKey.Of(user.Name), total);
    }));

    public Task<User?> TryGetAsync(TenantId tenant, string name, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => Find(connection, tenant, name)));

    public Task<User?> TryGetByIdAsync(TenantId tenant, string id, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => connection.FirstRow(
            row => Read(row, tenant), $"SELECT {Columns} FROM users WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id))));

    public Task<RowStream<User>> OpenAsync(UserQuery query, PageWindow window, CancellationToken cancel) => Task.FromResult(
        database.OpenRows(connection => Count(connection, query), connection => WindowAsync(connection, query, window, cancel)));

    public Task<IReadOnlyDictionary<string, string>> FindIdsAsync(TenantId tenant, IReadOnlyCollection<string> nameKeys, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(database.Read(connection => connection.Rows(
            row => (Key: row.GetString(0), Id: row.GetString(1)),
            "SELECT name_key, id FROM users WHERE tenant = $tenant AND name_key IN (SELECT value FROM json_each($keys))",
            ("$tenant", tenant), ("$keys", nameKeys.ToArray()))
            .ToDictionary(found => found.Key, found => found.Id, StringComparer.Ordinal)));

    public Task<IReadOnlyList<UserChange>> PutAsync(TenantId tenant, IReadOnlyList<User> users, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<UserChange>>(tenant, connection => [.. users.Select(user => Put(connection, tenant, user))], cancel);

    public Task<bool> DeleteAsync(TenantId tenant, string name, CancellationToken cancel) => database.WriteAsync(
        tenant,
        connection => connection.Execute(
            "DELETE FROM users WHERE tenant = $tenant AND name_key = $key", ("$tenant", tenant), ("$key", NameKey.Of(name))) > 0,
        cancel);

    public async IAsyncEnumerable<User> ScanAsync(UserQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = database.BorrowReader();
        var filter = FilterOf(query);
        var users = reader.Connection.StreamAsync(
            row => Read(row, query.Tenant), $"SELECT {Columns} FROM users {filter.Where} ORDER BY name_key", filter.Parameters, cancel);
        await foreach (var user in users.ConfigureAwait(false))
            yield return user;
    }

    public Task<long> CountAsync(UserQuery query, CancellationToken cancel) => Task.FromResult(database.Read(connection => Count(connection, query)));

    private static IAsyncEnumerable<User> WindowAsync(StoreConnection connection, UserQuery query, PageWindow window, CancellationToken cancel)
    {
        var filter = FilterOf(query).With("$take", window.Take).With("$skip", window.Skip);
        return connection.StreamAsync(
            row => Read(row, query.Tenant), $"SELECT {Columns} FROM users {filter.Where} ORDER BY name_key LIMIT $take OFFSET $skip", filter.Parameters, cancel);
    }

    private static long Count(StoreConnection connection, UserQuery query)
    {
        var filter = FilterOf(query);
        return connection.Number($"SELECT COUNT(*) FROM users {filter.Where}", filter.Parameters) ?? 0;
    }

    private static SqlFilter FilterOf(UserQuery query) => new SqlFilter(query.Tenant)
        .And("name_key LIKE $name ESCAPE '!'", "$name", SqlFilter.Containing(KeyOf(query.NameContains)))
        .And("description_key LIKE $description ESCAPE '!'", "$description", SqlFilter.Containing(KeyOf(query.DescriptionContains)))
        .And("activation = $activation", "$activation", (int?)query.Activation)
        .And("name_key IN (SELECT value FROM json_each($names))", "$names", query.Names.Count == 0 ? null : query.Names.Select(NameKey.Of).ToArray())
        .And(query.Subproject is { IsDefault: true } ? "(subproject = $subproject OR subproject IS NULL)" : "subproject = $subproject", "$subproject", query.Subproject?.Id)
        .And("instr($separator || user_groups || $separator, $group) > 0", "$group", Separated(query.Group))
        .With("$separator", $"{GroupSeparator}")
        .And("folded(domain) = $domain", "$domain", FoldedText.Of(query.Domain))
        .And(query.Enabled is true, "enabled = 1")
        .And(query.Enabled is false, "enabled = 0")
        .And(query.Sharing is true, "sharing = 1")
        .And(query.Sharing is false, "sharing = 0")
        .And(query.HasSharedDesktops is true, "shared_desktops > 0")
        .And(query.HasSharedDesktops is false, "shared_desktops = 0");

    /// <summary>With a separator on both sides, so that a name is found whole or not at all.</summary>
    private static string? Separated(string? group) => group is null ? null : $"{GroupSeparator}{group}{GroupSeparator}";

    private static string? KeyOf(string? text) => text is null ? null : NameKey.Of(text);

    private static User? Find(StoreConnection connection, TenantId tenant, string name) => connection.FirstRow(
        row => Read(row, tenant),
        $"SELECT {Columns} FROM users WHERE tenant = $tenant AND name_key = $key",
        ("$tenant", tenant), ("$key", NameKey.Of(name)));

    private static UserChange Put(StoreConnection connection, TenantId tenant, User user)
    {
        var known = Find(connection, tenant, user.Name);
        var stored = user with { Id = known?.Id ?? user.Id };
        if (known is not null && Describe(known) == Describe(stored))
            return UserChange.Unchanged;

        connection.Execute(
            $"""
            INSERT INTO users (tenant, name_key, description_key, {Columns})
            VALUES ($tenant, $nameKey, $descriptionKey, $id, $name, $sid, $domain, $fullName, $email, $phone, $description, $activation,
                    $invited, $enabled, $locked, $groups, $expires, $neverExpires, $mayChange, $mustChange, $desktops, $sharing,
                    $sharedDesktops, $subproject)
            ON CONFLICT (tenant, id) DO UPDATE SET {Replacing}
            """,
            Parameters(stored));
        return known is null ? UserChange.Created : UserChange.Updated;
    }

    /// <summary>All that is stored of a user, comparable as one value: a record compares its groups by reference.</summary>
    private static (User, string) Describe(User user) => (user with { Groups = Array.Empty<string>() }, GroupsText(user));

    private static string GroupsText(User user) => string.Join(GroupSeparator, user.Groups);

    private static (string, object?)[] Parameters(User user) =>
    [
        ("$tenant", user.Tenant), ("$nameKey", NameKey.Of(user.Name)), ("$descriptionKey", KeyOf(user.Description)), ("$id", user.Id),
        ("$name", user.Name), ("$sid", user.Sid), ("$domain", user.Domain), ("$fullName", user.FullName), ("$email", user.Email),
        ("$phone", user.Phone), ("$description", user.Description), ("$activation", (int)user.Activation), ("$invited", user.Invited),
        ("$enabled", user.Enabled), ("$locked", user.Locked), ("$groups", GroupsText(user)),
        ("$expires", user.ExpiresAt?.ToUnixTimeMilliseconds()), ("$neverExpires", user.PasswordNeverExpires),
        ("$mayChange", user.MayChangePassword), ("$mustChange", user.MustChangePassword), ("$desktops", user.Desktops),
        ("$sharing", user.Sharing), ("$sharedDesktops", user.SharedDesktops), ("$subproject", user.Subproject),
    ];

    private static User Read(StoreRows row, TenantId tenant) => new()
    {
        Tenant = tenant,
        Id = row.GetString(0),
        Name = row.GetString(1),
        Sid = row.Text(2),
        Domain = row.Text(3),
        FullName = row.Text(4),
        Email = row.Text(5),
        Phone = row.Text(6),
        Description = row.Text(7),
        Activation = (Activation)row.GetInt32(8),
        Invited = row.GetBoolean(9),
        Enabled = row.GetBoolean(10),
        Locked = row.GetBoolean(11),
        Groups = row.GetString(12) is { Length: > 0 } groups ? groups.Split(GroupSeparator) : [],
        ExpiresAt = row.InstantOrNull(13),
        PasswordNeverExpires = row.GetBoolean(14),
        MayChangePassword = row.GetBoolean(15),
        MustChangePassword = row.GetBoolean(16),
        Desktops = row.GetInt32(17),
        Sharing = row.GetBoolean(18),
        SharedDesktops = row.GetInt32(19),
        Subproject = row.Text(20),
    };
}
