// A part that is drawn anew because somebody else changed the record: what the person had opened in it stays open.

interface Swap {
  target?: unknown;
  shouldSwap?: boolean;
  requestConfig?: { triggeringEvent?: Event };
}

/** The parts that fold, each by what is written on it: a count in it may have grown meanwhile. */
function folds(part: ParentNode): Map<string, HTMLDetailsElement> {
  const found = new Map<string, HTMLDetailsElement>();
  for (const fold of part.querySelectorAll("details")) {
    const written = (fold.querySelector("summary")?.textContent ?? "").replace(/[\d\s]+/g, "");
    let nth = 0;
    while (found.has(`${written} ${nth}`)) nth += 1;
    found.set(`${written} ${nth}`, fold);
  }
  return found;
}

/** Nobody pressed anything: the stream or the clock asked for the part. */
function byItself(swap: Swap): boolean {
  const cause = swap.requestConfig?.triggeringEvent;
  return cause === undefined || cause.type === "live";
}

export function keepUnfolded(): void {
  let open: string[] = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    const swap = (event as CustomEvent<Swap>).detail;
    const kept = swap.target instanceof Element && swap.shouldSwap !== false && byItself(swap);
    open = kept ? [...folds(swap.target as Element)].filter(([, fold]) => fold.open).map(([name]) => name) : [];
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (open.length === 0 || !(event.target instanceof Element)) return;
    const drawn = folds(event.target);
    for (const name of open) {
      const fold = drawn.get(name);
      if (fold) fold.open = true;
    }
    open = [];
  });
}
