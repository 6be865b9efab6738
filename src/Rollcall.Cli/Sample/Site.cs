namespace Rollcall.Cli.Sample;

/// <summary>Where a host group's people work: their hours, their weekend and how their names are written.</summary>
/// <remarks>
/// A group's name ends in "(sample)", so that nobody takes it for a real one. The three sites keep no summer time: the offset from UTC
/// is right all year and needs no zone data. Addresses are of the ranges reserved for documentation (RFC 5737): <c>EgressIp</c> is the
/// office as the world sees it, <c>HomeNetwork</c> the first three bytes of what people have at home.
/// </remarks>
internal sealed record Site(
    string GroupName, string Code, TimeSpan Offset, IReadOnlyList<DayOfWeek> Weekend, string EgressIp, string HomeNetwork)
{
    public required IReadOnlyList<SiteName> GivenNames { get; init; }

    public required IReadOnlyList<SiteName> FamilyNames { get; init; }

    /// <summary>How a person calls their own machine; {0} is the given name.</summary>
    public required string LaptopNameForm { get; init; }

    /// <summary>Family name first and no space between, as in Chinese.</summary>
    public bool FamilyNameFirst { get; init; }

    public static IReadOnlyList<Site> All { get; } =
    [
        new("Engineering Shanghai (sample)", "SH", TimeSpan.FromHours(8), [DayOfWeek.Saturday, DayOfWeek.Sunday], "198.51.100.8", "203.0.113")
        {
            GivenNames = [new("芳", "fang"), new("伟", "wei"), new("娜", "na"), new("秀英", "xiuying"), new("敏", "min"), new("静", "jing"), new("强", "qiang"), new("磊", "lei"), new("洋", "yang"), new("子轩", "zixuan")],
            FamilyNames = [new("王", "wang"), new("李", "li"), new("张", "zhang"), new("刘", "liu"), new("陈", "chen"), new("杨", "yang"), new("赵", "zhao"), new("黄", "huang"), new("周", "zhou"), new("吴", "wu")],
            LaptopNameForm = "{0}的电脑",
            FamilyNameFirst = true,
        },
        new("Operations Riyadh (sample)", "RI", TimeSpan.FromHours(3), [DayOfWeek.Friday, DayOfWeek.Saturday], "198.51.100.3", "192.0.2")
        {
            GivenNames = [new("فاطمة", "fatimah"), new("محمد", "mohammed"), new("نورة", "noura"), new("عبدالله", "abdullah"), new("سارة", "sarah"), new("خالد", "khalid"), new("ريم", "reem"), new("يوسف", "yousef")],
            FamilyNames = [new("الحربي", "alharbi"), new("القحطاني", "alqahtani"), new("الغامدي", "alghamdi"), new("العتيبي", "alotaibi"), new("الشهري", "alshehri"), new("الدوسري", "aldosari"), new("الزهراني", "alzahrani"), new("المطيري", "almutairi")],
            LaptopNameForm = "LT-{0}",
        },
        new("Finance São Paulo (sample)", "SP", TimeSpan.FromHours(-3), [DayOfWeek.Saturday, DayOfWeek.Sunday], "198.51.100.5", "203.0.113")
        {
            GivenNames = [new("João", "joao"), new("Antônia", "antonia"), new("Zoë", "zoe"), new("Renée", "renee"), new("José", "jose"), new("Inês", "ines"), new("Björn", "bjorn"), new("Lúcia", "lucia")],
            FamilyNames = [new("Conceição", "conceicao"), new("Gonçalves", "goncalves"), new("Araújo", "araujo"), new("Simões", "simoes"), new("Magalhães", "magalhaes"), new("Brandão", "brandao"), new("Müller", "muller"), new("Peña", "pena")],
            LaptopNameForm = "Notebook de {0}",
        },
    ];

    /// <summary>Midnight at the site, the beginning of its <paramref name="date"/>, in UTC.</summary>
    public DateTimeOffset Midnight(DateOnly date) => new DateTimeOffset(date, TimeOnly.MinValue, Offset).ToUniversalTime();

    public DateOnly DateAt(DateTimeOffset instant) => DateOnly.FromDateTime(instant.ToOffset(Offset).DateTime);
}

/// <summary>A name as its owner writes it, and in the letters of account names.</summary>
internal sealed record SiteName(string Written, string Latin);
