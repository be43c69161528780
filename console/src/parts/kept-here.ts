/** What this browser keeps under a key; null: nothing, or it keeps nothing for us. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Forbidden (SecurityError): everything is as usual.
    return null;
  }
}

/** Has this browser keep it, or forget it (null). Where it is full or keeps nothing for us, it holds while the page is open. */
export function keepHere(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // QuotaExceededError or SecurityError: what was chosen counts all the same.
  }
}
