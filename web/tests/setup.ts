// What a browser has and jsdom has not: dialogs, measures of the screen, pictures in memory.
const dialog = HTMLDialogElement.prototype;
dialog.showModal ??= function showModal(this: HTMLDialogElement): void {
  this.open = true;
};
dialog.close ??= function close(this: HTMLDialogElement, value?: string): void {
  if (value !== undefined) this.returnValue = value;
  this.open = false;
  this.dispatchEvent(new Event("close"));
};
Element.prototype.scrollIntoView ??= (): void => undefined;
globalThis.matchMedia ??= (media: string): MediaQueryList => Object.assign(new EventTarget(), { media, matches: false, onchange: null, addListener: (): void => undefined, removeListener: (): void => undefined });
globalThis.CSS ??= { escape: (word: string) => word.replace(/[^\w-]/g, "\\$&") } as typeof CSS;
URL.createObjectURL ??= (): string => "blob:test";
URL.revokeObjectURL ??= (): void => undefined;
