/** What a token may allow. None includes another. */
export const SCOPES = ['cancel', 'read', 'restore', 'delete', 'personal-data', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
