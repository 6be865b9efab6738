using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Users;
using Rollcall.Server.Ingest;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>The directory: list, put, import, remove.</summary>
internal static class UserRoutes
{
    private const string CsvType = "text/csv";

    public static void MapUsers(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("users", ListAsync).WithSummary("List the directory in the order of names");
        tenant.MapGet("users/{name}", GetAsync).WithSummary("One user");
        tenant.MapPut("users/{name}", PutAsync).Accepts<UserJson>("application/json").WithSummary("Make or change a user; members left out stay");
        tenant.MapDelete("users/{name}", DeleteAsync).WithSummary("Take a user out of the directory; history stays");
        tenant.MapPost("users:import", ImportAsync).Accepts<string>(CsvType).WithSummary("Make or change users from a CSV file");
    }

    private static async Task<JsonHttpResult<UserListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, [FromQuery(Name = "count")] string? count, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadUsers);
        NativeQuery.Allow(request, "limit", "cursor", "count");
        var isCounted = NativeQuery.IsCounted(count);
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var page = await directory.FindAsync(new UserQuery(tenant), cursor.Inner, NativeQuery.Limit(wire.Limit), cancel);
        return TypedResults.Json(
            new UserListJson([.. page.Items.Select(UserJson.From)], cursor.Next(request, page.NextCursor), isCounted ? page.Total : null), NativeJson.Wire.UserListJson);
    }

    private static async Task<JsonHttpResult<UserJson>> GetAsync(
        NativeCaller caller, HttpRequest request, string name, IUserDirectory directory, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadUsers);
        NativeQuery.Allow(request);
        var user = await directory.TryGetAsync(tenant, name, cancel) ?? throw NoSuchUser();
        return TypedResults.Json(UserJson.From(user), NativeJson.Wire.UserJson);
    }

    private static async Task<JsonHttpResult<UserJson>> PutAsync(
        NativeCaller caller, HttpRequest request, string name, IUserDirectory directory, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.WriteUsers);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var known = await directory.TryGetAsync(tenant, name, cancel);
        var user = Checked(() => Changed(known ?? NewUser(tenant, UserMembers.CheckName(name)), body.RootElement));
        var change = await directory.PutAsync(tenant, [user], cancel);
        var status = change[0] is UserChange.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        return TypedResults.Json(UserJson.From(user), NativeJson.Wire.UserJson, statusCode: status);
    }

    private static async Task<NoContent> DeleteAsync(
        NativeCaller caller, HttpRequest request, string name, IUserDirectory directory, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.WriteUsers);
        NativeQuery.Allow(request);
        return await directory.DeleteAsync(tenant, name, cancel) ? TypedResults.NoContent() : throw NoSuchUser();
    }

    private static async Task<JsonHttpResult<UserImportJson>> ImportAsync(
        NativeCaller caller, HttpRequest request, IUserDirectory directory, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.WriteUsers);
        NativeQuery.Allow(request);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase))
            throw FaultException.MediaType(CsvType);

        var body = await RequestBody.ReadAsync(request, RequestBody.BytesMax, cancel);
        var known = await KnownAsync(directory, tenant, cancel);
        var (users, rejected) = UserCsv.Read(body.Span, name => known.GetValueOrDefault(NameKey.Of(name)) ?? NewUser(tenant, name));
        var changes = await directory.PutAsync(tenant, users, cancel);
        return TypedResults.Json(
            new UserImportJson(
                changes.Count(change => change is UserChange.Created),
                changes.Count(change => change is UserChange.Updated),
                changes.Count(change => change is UserChange.Unchanged),
                rejected),
            NativeJson.Wire.UserImportJson);
    }

    /// <summary>The directory by name: a member that the file has no column for stays as it is.</summary>
    private static async Task<Dictionary<string, User>> KnownAsync(IUserDirectory directory, TenantId tenant, CancellationToken cancel)
    {
        var known = new Dictionary<string, User>(StringComparer.Ordinal);
        await foreach (var user in directory.ScanAsync(new UserQuery(tenant), cancel))
            known[NameKey.Of(user.Name)] = user;
        return known;
    }

    private static User NewUser(TenantId tenant, string name) => new() { Tenant = tenant, Id = Guid.NewGuid().ToString("N"), Name = name };

    private static FaultException NoSuchUser() => FaultException.NotFound("The directory has no such user");

    private static User Changed(User user, JsonElement members) =>
        members.EnumerateObject().Aggregate(user, (changed, member) => member.Value.ValueKind switch
        {
            JsonValueKind.Null => UserMembers.With(changed, member.Name, null),
            JsonValueKind.String when UserMembers.Texts.Contains(member.Name) => UserMembers.With(changed, member.Name, member.Value.GetString()),
            JsonValueKind.True or JsonValueKind.False when UserMembers.Flags.Contains(member.Name) =>
                UserMembers.With(changed, member.Name, member.Value.GetRawText()),
            JsonValueKind.Number when UserMembers.Numbers.Contains(member.Name) => UserMembers.With(changed, member.Name, member.Value.GetRawText()),
            JsonValueKind.Array when member.Name is "groups" && member.Value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String) =>
                changed with { Groups = UserMembers.GroupsOf([.. member.Value.EnumerateArray().Select(item => item.GetString()!)]) },
            _ => throw new MemberException(member.Name, UserMembers.Names.Contains(member.Name) ? "has the wrong type" : "is not a member of a user"),
        });

    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MemberException wrong)
        {
            throw FaultException.Malformed(wrong.Field, wrong.Message.StartsWith("must be ", StringComparison.Ordinal) ? wrong.Message["must be ".Length..] : $"a member of a user with a fitting value: {wrong.Message}");
        }
        catch (InvalidOperationException)
        {
            throw FaultException.Unreadable("The request body holds text that is not valid Unicode");
        }
    }
}

/// <summary>The parameters of a paged list, as text.</summary>
internal sealed record PageParameters([FromQuery(Name = "limit")] string? Limit, [FromQuery(Name = "cursor")] string? Cursor);
