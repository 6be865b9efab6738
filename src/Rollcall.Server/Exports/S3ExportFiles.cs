using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>Files of exports in a bucket of an S3 store, which several servers may share. An upload shows only once it is complete.</summary>
internal sealed class S3ExportFiles : IExportFiles, IDisposable
{
    /// <summary>What may be another server's work in progress is left alone so long.</summary>
    private static readonly TimeSpan SweepAge = TimeSpan.FromDays(1);

    private readonly AmazonS3Client client;
    private readonly S3Options options;
    private readonly TimeProvider clock;

    public S3ExportFiles(S3Options options, TimeProvider clock)
    {
        (this.options, this.clock) = (options, clock);
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,

            // Stores other than the vendor's own know neither trailing checksums nor a host name a bucket.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ForcePathStyle = options.Endpoint.Length > 0,
        };
        if (options.Endpoint.Length > 0)
            config.ServiceURL = options.Endpoint;
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        client = options.AccessKey.Length > 0 ? new AmazonS3Client(options.AccessKey, options.SecretKey, config) : new AmazonS3Client(config);
    }

    public async Task<ExportOutcome> WriteAsync(ExportTask task, Func<Stream, Task<ITableWriter>> write, CancellationToken cancel)
    {
        var upload = await S3Upload.BeginAsync(client, options.Bucket, KeyOf(task), TabularFormats.TypeOf(task.Format), cancel);
        await using (upload)
        {
            await using var hashed = new HashingStream(upload);
            var table = await write(hashed);
            try
            {
                await upload.CompleteAsync(cancel);
                await CheckAsync(task, hashed.SizeBytes, cancel);
                return hashed.OutcomeOf(table);
            }
            catch
            {
                // The object may be there although the answer was lost. Its key is this attempt's own, so nobody else's goes.
                await upload.DisposeAsync();
                await DeleteAsync(task, CancellationToken.None);
                throw;
            }
        }
    }

    public async Task<Stream?> TryOpenAsync(ExportTask task, CancellationToken cancel)
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(options.Bucket, KeyOf(task), cancel);
            return ExportFileSize.Check(task, new S3ObjectStream(client, options.Bucket, KeyOf(task), found.ContentLength));
        }
        catch (AmazonS3Exception e) when (e.StatusCode is System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw FaultException.Unavailable("The store of exported files cannot be reached now", retryAfterSeconds: 30);
        }
    }

    public async Task SweepAsync(Func<TenantId, string, Task<ExportTask?>> taskOf, CancellationToken cancel)
    {
        var before = (clock.GetUtcNow() - SweepAge).UtcDateTime;
        await SweepUploadsAsync(before, cancel);
        var request = new ListObjectsV2Request { BucketName = options.Bucket, Prefix = options.Prefix };
        do
        {
            var page = await client.ListObjectsV2Async(request, cancel);
            foreach (var found in (page.S3Objects ?? []).Where(found => found.LastModified < before))
            {
                var parts = found.Key[options.Prefix.Length..].Split('/');
                if (parts is [var tenant, var name] && TenantId.TryParse(tenant, out var known) && !ExportFileNames.IsOf(await taskOf(known, name.Split('.')[0]), name))
                    await client.DeleteObjectAsync(options.Bucket, found.Key, cancel);
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task DeleteAsync(ExportTask task, CancellationToken cancel)
    {
        try
        {
            await client.DeleteObjectAsync(options.Bucket, KeyOf(task), cancel);
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            // The task is gone, so nobody can fetch the file any more; the next sweep takes it.
        }
    }

    public void Dispose() => client.Dispose();

    /// <summary>Uploads that a killed server never completed: they cost space and nobody sees them.</summary>
    private async Task SweepUploadsAsync(DateTime before, CancellationToken cancel)
    {
        try
        {
            var request = new ListMultipartUploadsRequest { BucketName = options.Bucket, Prefix = options.Prefix };
            bool isMore;
            do
            {
                var page = await client.ListMultipartUploadsAsync(request, cancel);
                foreach (var upload in (page.MultipartUploads ?? []).Where(upload => upload.Initiated < before))
                    await client.AbortMultipartUploadAsync(options.Bucket, upload.Key, upload.UploadId, cancel);
                (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
                isMore = page.IsTruncated is true && request.KeyMarker is not null;
            }
            while (isMore);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is System.Net.HttpStatusCode.NotImplemented or System.Net.HttpStatusCode.MethodNotAllowed)
        {
            // Not every store lists them; then its own rules for old uploads have to do.
        }
    }

    /// <summary>An object that is not as long as what was sent is none: the task fails instead of promising what cannot be fetched.</summary>
    private async Task CheckAsync(ExportTask task, long sizeBytes, CancellationToken cancel)
    {
        var kept = await client.GetObjectMetadataAsync(options.Bucket, KeyOf(task), cancel);
        if (kept.ContentLength != sizeBytes)
            throw new TornExportException(sizeBytes, kept.ContentLength);
    }

    private string KeyOf(ExportTask task) => $"{options.Prefix}{task.Tenant.Value}/{ExportFileNames.Of(task)}";
}
