/** JSON that is nested so deep. */
export function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}
