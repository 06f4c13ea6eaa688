// What was chosen in <input type=file>, shown: small pictures below the input, or each file by name, to be taken back, in [data-chosen] of its form.
import { make } from "./dom";
import { text } from "./texts";

const shown = new WeakMap<HTMLInputElement, HTMLElement>();

function figure(file: File): HTMLElement {
  const address = URL.createObjectURL(file);
  const image = make("img", { src: address, alt: file.name, load: () => URL.revokeObjectURL(address), error: () => URL.revokeObjectURL(address) });
  return make("figure", { class: "photo-preview" }, image, make("figcaption", {}, file.name));
}

/** Give an input these files. */
export function give(input: HTMLInputElement, files: Iterable<File>): void {
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function named(input: HTMLInputElement, file: File): HTMLElement {
  const without = (): void => give(input, [...(input.files ?? [])].filter((one) => one !== file));
  const button = make("button", { type: "button", class: "btn-close", "aria-label": `${text("remove")}: ${file.name}`, click: without });
  return make("li", { class: "chosen-file" }, ...(file.type.startsWith("image/") ? [figure(file)] : [file.name]), button);
}

/** Show what an input holds now. */
export function showPhotos(input: HTMLInputElement): void {
  const files = [...(input.files ?? [])];
  const list = input.form?.querySelector<HTMLElement>("[data-chosen]");
  if (list) {
    list.replaceChildren(...files.map((file) => named(input, file)));
    return;
  }
  let place = shown.get(input);
  if (!place) {
    place = make("div", { class: "photo-previews", "aria-live": "polite" });
    shown.set(input, place);
    input.after(place);
  }
  place.replaceChildren(...files.filter((file) => file.type.startsWith("image/")).map(figure));
}
