import { describe, expect, it } from '@jest/globals';
import { newExportJob, type ExportJob } from '../../functions/exports/export-job.ts';
import { fileReply, jobReply } from '../../functions/http/export-reply.ts';
import { handClock } from '../operations/world.ts';

const ASK = {
  ...{ exportId: 'x', owner: 'shop', fileName: 'orders.xlsx', fileKey: 'exports/x.xlsx' },
  query: { connections: ['toko-jaya'], type: null, from: '2026-11-01', to: '2026-11-02', includeCustomer: false },
};
const reply = async (status: 200 | 202, change: Partial<ExportJob> = {}) => {
  const linked: unknown[] = [];
  const files = {
    linkTo: (key: string, seconds: number) => {
      linked.push([key, seconds]);
      return Promise.resolve('https://files.example/x');
    },
  };
  const job = { ...newExportJob(ASK, 0), ...change };
  return { ...(await jobReply(status, job, { files, clock: handClock() })), linked };
};

describe('a job, as it is answered', () => {
  it('says where it is followed, and when it is worth looking again', async () => {
    expect(await reply(202)).toMatchObject({
      status: 202,
      headers: { location: '/v1/exports/x', 'retry-after': '5' },
      body: { id: 'x', state: 'reading', rows: 0, pages: 0, incomplete: [], problem: null, file: null },
      linked: [],
    });
    const followed = await reply(200, { state: 'writing' });
    expect(followed).toMatchObject({ status: 200, body: { state: 'writing' } });
    expect(followed.headers).toEqual({ 'retry-after': '5' });
  });

  it('shows its file by a link that is good for five minutes', async () => {
    const finished = await reply(200, { state: 'finished', fileBytes: 7 });
    expect(finished).toMatchObject({
      headers: {},
      body: {
        file: {
          name: 'orders.xlsx',
          bytes: 7,
          url: 'https://files.example/x',
          urlExpiresAt: '2026-03-01T12:05:00.000Z',
        },
      },
      linked: [['exports/x.xlsx', 300]],
    });
    expect(finished.headers).not.toHaveProperty('retry-after');
  });

  it.each<Partial<ExportJob>>([
    { state: 'failed', fileBytes: 7 },
    { state: 'finished', fileBytes: null },
  ])('has no file where there is none: %j', async (change) => {
    expect(await reply(200, change)).toMatchObject({ headers: {}, body: { file: null }, linked: [] });
  });
});

it('a file names its gaps in a header, and has none where it has no gap', () => {
  const gaps = [
    { connection: 'loja-rio', problem: 'timed_out' },
    { connection: 'toko-jaya', problem: 'needs_reauth' },
  ];
  const bytes = new Uint8Array([1]);
  expect(fileReply('orders.xlsx', bytes, gaps)).toMatchObject({
    status: 200,
    headers: { incomplete: 'loja-rio=timed_out, toko-jaya=needs_reauth' },
    body: bytes,
  });
  expect(Object.keys(fileReply('orders.xlsx', bytes, []).headers ?? {})).toEqual([
    'content-type',
    'content-disposition',
  ]);
});
