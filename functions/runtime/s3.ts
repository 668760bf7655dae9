import { S3Client } from '@aws-sdk/client-s3';
import { clientLimits } from './client-limits.ts';

/** Creates the client of one container. Its endpoint is the region's, or `AWS_ENDPOINT_URL_S3`. */
export function createS3(): S3Client {
  return new S3Client(clientLimits(30_000));
}
