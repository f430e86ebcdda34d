/** What classic Outlook's JavaScript runtime offers besides the language. It has no page and no storage. */
declare function setTimeout(act: () => void, milliseconds: number): number
declare function clearTimeout(timer: number | undefined): void
declare function fetch(
  address: string,
  options: { method: string; headers: Record<string, string>; body?: string },
): Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>
