// Small pictures of what was chosen in <input type=file accept="image/*">, shown below it.
import { make } from "./dom";

const shown = new WeakMap<HTMLInputElement, HTMLElement>();

function figure(file: File): HTMLElement {
  const address = URL.createObjectURL(file);
  const image = make("img", { src: address, alt: file.name, load: () => URL.revokeObjectURL(address), error: () => URL.revokeObjectURL(address) });
  return make("figure", { class: "photo-preview" }, image, make("figcaption", {}, file.name));
}

/** Show the pictures an input holds now. */
export function showPhotos(input: HTMLInputElement): void {
  const files = [...(input.files ?? [])].filter((file) => file.type.startsWith("image/"));
  let place = shown.get(input);
  if (!place) {
    place = make("div", { class: "photo-previews", "aria-live": "polite" });
    shown.set(input, place);
    input.after(place);
  }
  place.replaceChildren(...files.map(figure));
}
