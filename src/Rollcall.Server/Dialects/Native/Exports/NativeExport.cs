using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.SignIns;
using Rollcall.Core.Users;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>An export of the native API: any columns, in a language and a zone.</summary>
internal abstract class NativeExport<T> : INativeExport
{
    public string Kind => $"native.{What}";

    public abstract string What { get; }

    public abstract Permission Needed { get; }

    protected abstract (string English, string Chinese) SheetName { get; }

    public void Check(NativeOrder order, TenantId tenant)
    {
        CheckFilter(order, tenant);
        _ = order.Pick(ColumnsAt(DateTimeOffset.UnixEpoch));
    }

    public string Narrow(string filter, TimeRange range) =>
        JsonSerializer.Serialize(NativeOrder.Parse(filter).Narrow(range), NativeOrderJson.Default.NativeOrder);

    public async Task<OpenedExport> OpenAsync(ExportTask task, DateTimeOffset snapshotAt, CancellationToken cancel)
    {
        var order = Stored(task);
        var layout = order.ToLayout(task.Format);
        var name = layout.Language == ExportLanguage.Chinese ? SheetName.Chinese : SheetName.English;
        var sheet = ExportSheets.Open(name, layout.Of(order.Pick(ColumnsAt(snapshotAt))), await OpenRowsAsync(order, task.Tenant, snapshotAt, cancel));
        return new OpenedExport(sheet.Sheet, sheet.RowsExpected, sheet)
        {
            Csv = order.ToCsv(),
            About = table => AboutSheet.Of(task, OrderOf(task), snapshotAt, table),
        };
    }

    public ExportOrder OrderOf(ExportTask task)
    {
        var order = Stored(task);
        var layout = order.ToLayout(task.Format);
        return new ExportOrder(
            JsonSerializer.Serialize(order.Filter, NativeOrderJson.Default.DictionaryStringStringArray),
            [.. layout.Of(order.Pick(ColumnsAt(task.CreatedAt))).Select(column => column.Header)],
            layout.Language.Tag,
            layout.Zone?.Id ?? "UTC");
    }

    protected abstract IReadOnlyList<NativeColumn<T>> ColumnsAt(DateTimeOffset asOf);

    protected abstract void CheckFilter(NativeOrder order, TenantId tenant);

    /// <param name="asOf">The snapshot's instant, up to which what is open lasts.</param>
    protected abstract Task<RowStream<T>> OpenRowsAsync(NativeOrder order, TenantId tenant, DateTimeOffset asOf, CancellationToken cancel);

    private static NativeOrder Stored(ExportTask task) => NativeOrder.Parse(task.Filter);
}

/// <summary>What the routes need of an export, whatever its rows are.</summary>
internal interface INativeExport : IPeriodicContent
{
    /// <summary>As callers name it.</summary>
    string What { get; }

    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>: a filter or a column is not one of these rows'.</exception>
    void Check(NativeOrder order, TenantId tenant);
}

/// <summary>The rows of <c>GET …/sessions</c>, all of them.</summary>
internal sealed class SessionsExport(ISessionLedger ledger) : NativeExport<ScannedSession>
{
    public override string What => "sessions";

    public override Permission Needed => Permission.ExportSessions;

    protected override (string English, string Chinese) SheetName => ("Sessions", "会话");

    protected override IReadOnlyList<NativeColumn<ScannedSession>> ColumnsAt(DateTimeOffset asOf) => SessionColumns.At(asOf);

    protected override void CheckFilter(NativeOrder order, TenantId tenant) => _ = QueryOf(order, tenant, DateTimeOffset.MaxValue);

    protected override Task<RowStream<ScannedSession>> OpenRowsAsync(NativeOrder order, TenantId tenant, DateTimeOffset asOf, CancellationToken cancel) =>
        ledger.OpenAsync(QueryOf(order, tenant, asOf), cancel);

    private static SessionQuery QueryOf(NativeOrder order, TenantId tenant, DateTimeOffset asOf)
    {
        order.Allow([.. SessionListParameters.Filters]);
        return new SessionListParameters
        {
            User = order.Value("user"),
            UserContains = order.Value("user_contains"),
            Host = order.Value("host"),
            HostGroup = order.Value("host_group"),
            State = order.Values("state"),
            Kind = order.Value("kind"),
            Protocol = order.Value("protocol"),
            AppContains = order.Value("app_contains"),
            ClientIp = order.Value("client_ip"),
            PublicIp = order.Value("public_ip"),
            ClientContains = order.Value("client_contains"),
            FailedCode = order.Value("failed_code"),
            EndTimeSource = order.Value("end_time_source"),
            OpenLongerThan = order.Value("open_longer_than"),
            ActiveAt = order.Value("active_at"),
            From = order.Value("from"),
            To = order.Value("to"),
            Range = order.Value("range"),
            Order = order.Value("order"),
        }.ToQuery(tenant, asOf);
    }
}

/// <summary>Connections, by when they were requested.</summary>
internal sealed class ConnectionsExport(IConnectionLog log) : NativeExport<Connection>
{
    public override string What => "connections";

    public override Permission Needed => Permission.ExportConnections;

    protected override (string English, string Chinese) SheetName => ("Connections", "连接");

    protected override IReadOnlyList<NativeColumn<Connection>> ColumnsAt(DateTimeOffset asOf) => ConnectionColumns.All;

    protected override void CheckFilter(NativeOrder order, TenantId tenant) => _ = QueryOf(order, tenant);

    protected override Task<RowStream<Connection>> OpenRowsAsync(NativeOrder order, TenantId tenant, DateTimeOffset asOf, CancellationToken cancel) =>
        log.OpenAsync(QueryOf(order, tenant), cancel);

    private static ConnectionQuery QueryOf(NativeOrder order, TenantId tenant)
    {
        order.Allow([.. ConnectionListParameters.Filters]);
        return new ConnectionListParameters
        {
            User = order.Value("user"),
            UserContains = order.Value("user_contains"),
            Host = order.Value("host"),
            ClientIp = order.Value("client_ip"),
            Failed = order.Value("failed"),
            FailedCode = order.Value("failed_code"),
            From = order.Value("from"),
            To = order.Value("to"),
        }.ToQuery(tenant);
    }
}

/// <summary>The directory.</summary>
internal sealed class UsersExport(IUserDirectory directory) : NativeExport<User>
{
    public override string What => "users";

    public override Permission Needed => Permission.ReadUsers;

    protected override (string English, string Chinese) SheetName => ("Users", "用户");

    protected override IReadOnlyList<NativeColumn<User>> ColumnsAt(DateTimeOffset asOf) => UserColumns.All;

    protected override void CheckFilter(NativeOrder order, TenantId tenant) => order.Allow();

    protected override Task<RowStream<User>> OpenRowsAsync(NativeOrder order, TenantId tenant, DateTimeOffset asOf, CancellationToken cancel) =>
        directory.OpenAsync(new UserQuery(tenant), PageWindow.Everything, cancel);
}

/// <summary>Sign-ins to Rollcall and those that other consoles report, by when they began.</summary>
internal sealed class SignInsExport(ISignInLog log) : NativeExport<SignIn>
{
    public override string What => "signins";

    public override Permission Needed => Permission.ReadSignIns;

    protected override (string English, string Chinese) SheetName => ("Sign-ins", "登录");

    protected override IReadOnlyList<NativeColumn<SignIn>> ColumnsAt(DateTimeOffset asOf) => SignInColumns.At(asOf);

    protected override void CheckFilter(NativeOrder order, TenantId tenant) => _ = QueryOf(order, tenant, DateTimeOffset.UnixEpoch);

    protected override Task<RowStream<SignIn>> OpenRowsAsync(NativeOrder order, TenantId tenant, DateTimeOffset asOf, CancellationToken cancel) =>
        log.OpenAsync(QueryOf(order, tenant, asOf), cancel);

    private static SignInQuery QueryOf(NativeOrder order, TenantId tenant, DateTimeOffset asOf)
    {
        order.Allow([.. SignInListParameters.Filters]);
        return new SignInListParameters
        {
            Operator = order.Value("operator"),
            Host = order.Value("host"),
            ClientIp = order.Value("client_ip"),
            Open = order.Value("open"),
            From = order.Value("from"),
            To = order.Value("to"),
        }.ToQuery(tenant, asOf);
    }
}
