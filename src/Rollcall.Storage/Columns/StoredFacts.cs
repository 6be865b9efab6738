using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>From the numbers that facts have in the store to those that they have in columns: each fact's texts are read once.</summary>
internal sealed class StoredFacts
{
    /// <summary>More than there are kinds of sessions: a nature has another number in columns for each.</summary>
    private const int KindsMax = 4;

    private readonly NumberMap users = new(), places = new(), devices = new(), natures = new();

    public long Bytes => users.Bytes + places.Bytes + devices.Bytes + natures.Bytes;

    public SessionCells CellsOf(StoreConnection snapshot, TenantId tenant, TenantColumns columns, StoreRows row)
    {
        var (userNo, placeNo, deviceNo, natureNo, kind) = (row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt32(5));
        return new SessionCells(
            row.GetInt64(7),
            row.Long(8) ?? SessionBlock.Open,
            users.TryGet(userNo) ?? users.Set(userNo, columns.Users.NumberOf(One(snapshot, tenant, userNo, "key, plain_key FROM session_users", User))),
            places.TryGet(placeNo) ?? places.Set(placeNo, columns.Places.NumberOf(One(snapshot, tenant, placeNo, "host_name_key, group_id, host_ip FROM session_places", Place))),
            devices.TryGet(deviceNo) ?? devices.Set(deviceNo, columns.Devices.NumberOf(One(snapshot, tenant, deviceNo, "name, ip, public_ip FROM session_devices", Device))),
            natures.TryGet((natureNo * KindsMax) + kind)
                ?? natures.Set((natureNo * KindsMax) + kind, columns.Natures.NumberOf(One(snapshot, tenant, natureNo, "protocol, app_name, failure_code FROM session_natures", found => Nature(found, kind)))),
            (byte)row.GetInt32(6),
            (byte)(row.Int(9) ?? 0));
    }

    private static T One<T>(StoreConnection snapshot, TenantId tenant, long no, string columns, Func<StoreRows, T> map)
    {
        using var rows = snapshot.Open($"SELECT {columns} WHERE tenant = $tenant AND no = $no", ("$tenant", tenant), ("$no", no));
        return rows.Read() ? map(rows) : throw new InvalidDataException($"the ledger lacks fact {no} that a session has: {columns}");
    }

    private static UserFacts User(StoreRows row) => new(row.GetString(0), row.GetString(1));

    private static PlaceFacts Place(StoreRows row) => new(row.GetString(0), row.Text(1), row.Text(2));

    private static DeviceFacts Device(StoreRows row) => new(FactTexts.KeyOf(row.Text(0)), PlainAddress.TryParse(row.Text(1)), row.Text(2), PlainAddress.TryParse(row.Text(2)));

    private static NatureFacts Nature(StoreRows row, int kind) =>
        new((SessionKind)kind, FactTexts.KeyOf(row.Text(0)), FactTexts.KeyOf(row.Text(1)), row.Text(2));

    /// <summary>Numbers by numbers that are given out from one on, without gaps.</summary>
    private sealed class NumberMap
    {
        private const int Unknown = -1;

        private readonly List<int> numbers = [];

        public long Bytes => (long)numbers.Capacity * sizeof(int);

        public int? TryGet(long stored) => stored < numbers.Count && numbers[(int)stored] is var number and not Unknown ? number : null;

        public int Set(long stored, int number)
        {
            while (numbers.Count <= stored)
                numbers.Add(Unknown);
            return numbers[checked((int)stored)] = number;
        }
    }
}
