/** Says in plain words why the operating system did not let a file be used. Other errors keep their own message. */
export function fileProblem(error: unknown): string {
  const code = errorCode(error);
  if (code !== null && code in WORDS) return WORDS[code] ?? code;
  return isObject(error) && 'message' in error ? String(error.message) : String(error);
}

/** Returns the code of an error of the operating system (`ENOENT` and the like); null for any other error. */
export function errorCode(error: unknown): string | null {
  return isObject(error) && 'syscall' in error && 'code' in error ? String(error.code) : null;
}

function isObject(error: unknown): error is object {
  return typeof error === 'object' && error !== null;
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it',
  EEXIST: 'it is a file',
  EISDIR: 'it is a directory',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  EPERM: 'this user may not use it',
  EROFS: 'it is on a disk that cannot be written',
};
