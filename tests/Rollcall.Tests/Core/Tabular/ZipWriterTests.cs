using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;
using Rollcall.Core.Tabular.Deflate;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Core.Tabular;

public sealed class ZipWriterTests
{
    // Catalogue of parametrised CRC algorithms, CRC-32/ISO-HDLC: the check value is that of the nine digits.
    [Fact]
    public void The_checksum_of_the_nine_digits_is_the_published_one() =>
        Assert.Equal(0xCBF43926u, Crc32.Append(0, "123456789"u8));

    [Fact]
    public void The_checksum_is_the_same_with_and_without_vectors_however_the_bytes_are_split() =>
        Prop.ForAll(Gen.Choose(0, 600).SelectMany(n => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(n)).Zip(Gen.Choose(0, 600)).ToArbitrary(), pair =>
        {
            var (bytes, cut) = (pair.Item1, Math.Min(pair.Item2, pair.Item1.Length));
            var byTable = Crc32.AppendByTable(0, bytes);
            Assert.Equal(byTable, Crc32.Append(0, bytes));
            Assert.Equal(byTable, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task An_archive_of_more_than_four_gigabytes_is_read_to_its_last_entry()
    {
        const int blocks = 130;
        var block = new byte[32 << 20];
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        try
        {
            await using (var file = new SparseFile(path))
            {
                using var zip = new ZipWriter(file, DateTimeOffset.UnixEpoch);
                for (var i = 0; i < blocks; i++)
                {
                    zip.AddStored($"zeros{i}", block);
                    await zip.DrainAsync(default);
                }

                AddDeflated(zip, "last", "the end");
                zip.Finish();
                await zip.DrainAsync(default);
            }

            Assert.True(new FileInfo(path).Length > uint.MaxValue);
            Assert.Equal("the end", ReadEntry(path, "last"));
            await PythonReadsAsync(path, blocks + 1);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(65_534)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task An_archive_of_more_entries_than_two_bytes_count_is_read_whole(int entries)
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        try
        {
            await using (var file = File.Create(path))
            {
                using var zip = new ZipWriter(file, DateTimeOffset.UnixEpoch);
                for (var i = 0; i < entries - 1; i++)
                    zip.AddStored($"{i}", []);

                AddDeflated(zip, "last", "the end");
                zip.Finish();
                await zip.DrainAsync(default);
            }

            Assert.Equal("the end", ReadEntry(path, "last"));
            await PythonReadsAsync(path, entries);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AddDeflated(ZipWriter zip, string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var deflate = new StreamDeflate();
        using var packed = new Utf8Buffer(1 << 10);
        deflate.Add(bytes, [], 0, packed);
        deflate.End(packed);
        zip.Begin(name);
        zip.Add(packed.Waiting.Span);
        zip.End(Crc32.Append(0, bytes), bytes.Length);
    }

    private static string ReadEntry(string path, string name)
    {
        using var zip = ZipFile.OpenRead(path);
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    // Python's zipfile also compares each local header it opens with the directory.
    private static async Task PythonReadsAsync(string path, int entries)
    {
        const string python = "/usr/bin/python3", script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), z.read('last').decode())";
        RealPart.Require("python3", () => File.Exists(python));
        Assert.Equal($"{entries} the end", (await RealPart.TryRunAsync(python, "-c", script, path))?.Trim());
    }

    /// <summary>Leaves holes where zeros are written, so that four gigabytes take no room.</summary>
    private sealed class SparseFile(string path) : FileStream(path, FileMode.Create)
    {
        private const int ManyBytes = 1 << 20;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var solid = buffer.Span.LastIndexOfAnyExcept((byte)0) + 1;
            if (buffer.Length - solid < ManyBytes)
            {
                await base.WriteAsync(buffer, cancellationToken);
                return;
            }

            await base.WriteAsync(buffer[..solid], cancellationToken);
            Seek(buffer.Length - solid, SeekOrigin.Current);
        }
    }
}
