/** The messages between the pool and its workers. */

export interface WorkerData {
  readonly codeDir: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
}

export interface InvokeMessage {
  /** The event as JSON: on Lambda, too, events and results cross a wire. */
  readonly event: string;
  readonly requestId: string;
  readonly deadlineAt: number;
}

export type WorkerMessage =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: FunctionError };

/** A function's error, as Lambda reports it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
