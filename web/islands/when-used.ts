// Islands that few pages use are loaded when the first one appears on the page.

/** Call `load` once, as soon as an element `name` stands on the page. */
export function whenUsed(name: string, load: () => Promise<unknown>): void {
  let watcher: MutationObserver | null = null;
  const look = (): void => {
    if (!document.querySelector(name)) return;
    watcher?.disconnect();
    void load();
  };
  watcher = new MutationObserver(look);
  watcher.observe(document.documentElement, { childList: true, subtree: true });
  look();
}
