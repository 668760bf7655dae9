import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import { cancelledOrderSchema, type CancelledOrder } from '../providers/cancelled-order.ts';
import { attachment, XLSX } from './file-name.ts';

/** The bucket of exports, with intermediate pages of orders and finished files. All of it expires by the bucket's own rules. */
export interface ExportFiles {
  /** Stores a page of orders by its number, and returns the tag to read it by. */
  putPage(exportId: string, number: number, orders: readonly CancelledOrder[]): Promise<string>;
  readPage(exportId: string, number: number, tag: string): Promise<CancelledOrder[]>;
  /**
   * Stores a workbook while it is made, with the file name for a download; returns its size in bytes. It does not exist until it is
   * complete.
   */
  putWorkbook(key: string, fileName: string, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** Returns a link with which anyone can read the workbook for that many seconds. */
  linkTo(key: string, seconds: number): Promise<string>;
}

const pageSchema = z.array(cancelledOrderSchema);
const PART_BYTES = 5 * 1024 * 1024;

export function createExportFiles({ s3, bucket }: { s3: S3Client; bucket: string }): ExportFiles {
  return {
    async putPage(exportId, number, page) {
      // A new tag each time: two processes that work on one job by mistake do not overwrite each other's pages. Short, because a
      // job holds thousands.
      const tag = randomBytes(3).toString('base64url');
      const Body = await promisify(gzip)(JSON.stringify(page));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: pageKey(exportId, number, tag), Body }));
      return tag;
    },

    async readPage(exportId, number, tag) {
      const Key = pageKey(exportId, number, tag);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const bytes = await promisify(gunzip)((await Body?.transformToByteArray()) ?? new Uint8Array());
      return pageSchema.parse(JSON.parse(bytes.toString('utf8')));
    },

    async putWorkbook(key, fileName, pieces) {
      let size = 0;
      async function* countBytes() {
        for await (const piece of pieces) {
          size += piece.length;
          yield piece;
        }
      }
      const Body = Readable.from(countBytes(), { objectMode: false });
      const params = {
        Bucket: bucket,
        Key: key,
        Body,
        ContentType: XLSX,
        ContentDisposition: attachment(fileName),
      };
      await new Upload({ client: s3, params, partSize: PART_BYTES, queueSize: 1 }).done();
      return size;
    },

    linkTo: (key, seconds) =>
      getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds }),
  };
}

/** Jobs begun by an older version have whole keys instead of tags. */
function pageKey(exportId: string, number: number, tag: string): string {
  return tag.includes('/') ? tag : `pages/${exportId}/${number}-${tag}.json.gz`;
}
