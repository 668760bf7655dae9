/** A Lambda's reply may have 6 MB, in base64 and with its envelope (Lambda quotas: invocation payload). */
export const MOST_REPLY_BYTES = 4_400_000;

/** Returns all the bytes, or null if there are more than {@link MOST_REPLY_BYTES}. */
export async function bytesForReply(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    taken.push(piece);
    size += piece.length;
    if (size > MOST_REPLY_BYTES) return null;
  }
  return Buffer.concat(taken);
}
