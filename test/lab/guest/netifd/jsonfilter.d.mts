export function jsonfilter(
  root: string,
  args: readonly string[],
  input: () => string,
): { readonly code: number; readonly stdout: string };
