/** What the pool and its workers say to each other. */

export interface WorkerData {
  readonly codeDir: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
}

export interface InvokeMessage {
  /** The event as JSON: what a function gets and gives has crossed a wire on Lambda, too. */
  readonly event: string;
  readonly requestId: string;
  readonly deadlineAt: number;
}

export type WorkerMessage =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: FunctionError };

/** How a function failed, in Lambda's words. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
