/** Returns JSON with this many nested levels. */
export function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}
