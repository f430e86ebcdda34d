/** What a script sees in a browser without a network. Files that are loaded already stay. */
export function goOffline(scope: { navigator: object; fetch: unknown }): void {
  Object.defineProperty(scope.navigator, 'onLine', { value: false, configurable: true })
  scope.fetch = () => Promise.reject(new TypeError('Failed to fetch'))
}
