/** The permissions that a token can have. No scope includes another. */
export const SCOPES = ['cancel', 'read', 'restore', 'delete', 'personal-data', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
