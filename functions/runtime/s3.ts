import { S3Client } from '@aws-sdk/client-s3';

/** A client for one cold start. Its endpoint is the region's, or `AWS_ENDPOINT_URL_S3`. */
export function createS3(): S3Client {
  return new S3Client({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 30_000 } });
}
