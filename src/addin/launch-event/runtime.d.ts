/** What classic Outlook's JavaScript runtime has beside the language: no page, no storage, no browser. */
declare function setTimeout(act: () => void, milliseconds: number): number
declare function clearTimeout(timer: number | undefined): void
declare function fetch(
  address: string,
  options: { method: string; headers: Record<string, string>; body?: string },
): Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>
