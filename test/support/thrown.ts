/** What a call throws, with its fields: to Jest's `toEqual`, errors with the same message are equal. What it returns, if it throws nothing. */
export function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return fieldsOf(error);
  }
}

export function fieldsOf(error: unknown): unknown {
  return error instanceof Error ? Object.fromEntries([...Object.entries(error), ['message', error.message]]) : error;
}
