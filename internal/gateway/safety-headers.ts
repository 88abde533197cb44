/** On every answer: what a registry holds is somebody's bytes, and must not act as a page of ours (faults.md C6). */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'",
};
