// The chat widget of a foreign page: <script src=".../widget.js" data-key="..." async></script>. It stands in a shadow tree of its own, so
// that neither its looks nor its script leak into the page, nor the page's into it. It needs no cookie and nothing else of Kefu.
import { Line, Refusal, ask, memory, newId, subject, type Enclosed, type Standing, type Turn, type Waiting } from "./widget-line";
import { TEXTS, type Words, clip, dress, el, fill } from "./widget-parts";

interface Begun {
  name: string;
  greeting: string;
  consent: string;
  open: boolean;
}

export class Widget {
  readonly host = el("kefu-chat" as "div");
  private readonly say: Words;
  private readonly kept;
  private readonly frame = el("div");
  private readonly turns = el("div", { class: "turns", role: "log", "aria-live": "polite", tabindex: "0" });
  private readonly told = el("span", { role: "status" });
  private readonly person = el("button", { type: "button", hidden: "" });
  private readonly status = el("div", { class: "status" }, this.told, this.person);
  private readonly wrong = el("div", { class: "wrong", role: "alert", hidden: "" });
  private readonly foot = el("div");
  private readonly waits = new Map<string, HTMLElement>();
  private line: Line | null = null;
  private now: Standing = { talk: null, state: "new", place: 0, agent: "", rated: false, seen: 0, away: false };
  private asksPhone = false;
  private readonly own: [number, HTMLElement][] = [];
  private readonly read = el("small", { class: "read" });
  private readonly typing = el("div", { class: "typing", role: "status", hidden: "" });
  private newest = 0;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private rating: HTMLElement | null = null;

  constructor(
    private readonly home: string,
    private readonly key: string,
    language: string,
    private readonly identity = "",
  ) {
    this.say = TEXTS[language.startsWith("zh") ? "zh" : "en"];
    this.host.lang = language.startsWith("zh") ? "zh-Hans" : "en";
    this.kept = memory(`kefu-chat:${key}:${subject(identity)}`);
    dress(this.host.attachShadow({ mode: "open" }));
    this.host.shadowRoot?.append(this.frame);
    this.person.textContent = this.say.person;
    this.read.textContent = this.say.read;
    this.typing.textContent = this.say.types;
    this.person.addEventListener("click", () => void this.line?.robot().catch((error: unknown) => this.fail(error)));
    this.fold();
    document.body.append(this.host);
    addEventListener("online", () => this.line?.wake());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.line?.wake();
      this.looked();
    });
  }

  private put(...parts: Node[]): void {
    fill(this.frame, ...parts);
  }

  private fold(): void {
    this.host.classList.remove("open");
    const opener = el("button", { class: "opener", type: "button" }, this.say.open);
    opener.addEventListener("click", () => this.unfold());
    this.put(opener);
  }

  private unfold(): void {
    this.host.classList.add("open");
    const close = el("button", { type: "button", "aria-label": this.say.close }, "×");
    close.addEventListener("click", () => this.fold());
    const title = el("b", {}, this.say.open);
    this.put(el("div", { class: "box", role: "dialog", "aria-label": this.say.open }, el("header", {}, title, close), this.status, this.turns, this.typing, this.wrong, this.foot));
    if (this.line) {
      this.looked();
      this.asksPhone = false;
      this.compose();
      return this.night();
    }
    const token = this.kept.read("token");
    if (token) this.talk(token);
    const greet = async (): Promise<void> => {
      const begun = (await (await ask(this.home, "begin", { key: this.key })).json()) as Begun;
      title.textContent = begun.name;
      if (token) return;
      if (begun.greeting && !this.turns.hasChildNodes()) this.bubble(begun.greeting, "");
      if (begun.open) this.welcome(begun);
      else this.away(begun);
    };
    greet().catch((error: unknown) => {
      if (token) return;
      this.fail(error);
      this.form([], this.say.again, greet);
    });
  }

  private fail(error: unknown): void {
    this.wrong.textContent = error instanceof Refusal ? error.told : this.say.failed;
    this.wrong.hidden = false;
  }

  private consent(text: string): [HTMLElement[], () => boolean] {
    if (!text) return [[], () => false];
    const box = el("input", { type: "checkbox", required: "" });
    return [[el("label", {}, box, ` ${this.say.agree}${text}`)], () => box.checked];
  }

  private form(parts: HTMLElement[], label: string, submit: () => Promise<void>): void {
    const button = el("button", { type: "submit" }, label);
    const form = el("form", { class: "tall" }, ...parts, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.disabled = true;
      this.wrong.hidden = true;
      submit()
        .catch((error: unknown) => this.fail(error))
        .finally(() => (button.disabled = false));
    });
    fill(this.foot, form);
  }

  private welcome(begun: Begun): void {
    if (this.identity && !begun.consent) return void this.start("", false).catch((error: unknown) => this.fail(error));
    const name = el("input", { maxlength: "40", "aria-label": this.say.name, placeholder: this.say.name, autocomplete: "name" });
    const [notice, agreed] = this.consent(begun.consent);
    this.form([...(this.identity ? [] : [name]), ...notice], this.say.start, () => this.start(name.value, agreed()));
    name.focus();
  }

  private async start(name: string, agreed: boolean): Promise<void> {
    const made = (await (await ask(this.home, "start", { key: this.key, name, agreed, identity: this.identity })).json()) as { token: string };
    this.kept.write("token", made.token);
    this.talk(made.token);
  }

  private away(begun: Begun): void {
    const id = newId();
    this.told.textContent = this.say.away;
    const name = el("input", { maxlength: "40", "aria-label": this.say.name, placeholder: this.say.name });
    const phone = el("input", { maxlength: "20", type: "tel", required: "", "aria-label": this.say.phone, placeholder: this.say.phone });
    const text = el("textarea", { rows: "4", maxlength: "2000", required: "", "aria-label": this.say.matter, placeholder: this.say.matter });
    const [notice, agreed] = this.consent(begun.consent);
    this.form([name, phone, text, ...notice], this.say.leave, async () => {
      await ask(this.home, "leave", { key: this.key, id, name: name.value, phone: phone.value, text: text.value, agreed: agreed() });
      fill(this.foot);
      this.bubble(this.say.left, "");
    });
  }

  /** Nobody is there to whom the robot could hand over: a phone number can be left with the talk, once. */
  private night(): void {
    const wanted = this.now.away && this.now.talk !== null && this.kept.read("left") !== String(this.now.talk);
    if (wanted === this.asksPhone || !this.host.classList.contains("open")) return;
    const typed = this.host.shadowRoot?.querySelector("textarea")?.value ?? "";
    if (!wanted) {
      if (this.foot.querySelector<HTMLInputElement>("[type=tel]")?.value || typed) return;
      this.asksPhone = false;
      return this.compose();
    }
    this.asksPhone = true;
    const done = (): void => {
      this.kept.write("left", String(this.now.talk));
      this.asksPhone = false;
      this.compose();
    };
    const id = newId();
    const phone = el("input", { maxlength: "20", type: "tel", required: "", "aria-label": this.say.phone, placeholder: this.say.phone, autocomplete: "tel" });
    const text = el("textarea", { rows: "2", maxlength: "1900", "aria-label": this.say.more, placeholder: this.say.more });
    text.value = typed;
    const onward = el("button", { type: "button", class: "plain" }, this.say.onward);
    onward.addEventListener("click", done);
    this.form([el("div", {}, this.say.later), phone, text], this.say.leave, async () => {
      await ask(this.home, "leave", { talk: true, token: this.line?.token ?? "", id, phone: phone.value, text: text.value });
      done();
      this.line?.wake();
      this.bubble(this.say.left, "");
    });
    this.foot.firstElementChild?.classList.add("late");
    this.foot.firstElementChild?.append(onward);
    this.turns.scrollTop = this.turns.scrollHeight;
  }

  private talk(token: string): void {
    this.line = new Line(this.home, token, this.kept, {
      turns: (fresh) => this.show(fresh),
      standing: (now) => this.stand(now),
      types: () => this.showTyping(),
      waiting: (_count, broken) => this.state(broken),
      refused: (text) => {
        this.fail(new Refusal(422, { detail: text }));
        const left = new Set(this.line?.pending.map((one) => one.id));
        for (const [id, made] of this.waits) if (!left.has(id) && this.waits.delete(id)) made.remove();
      },
    });
    for (const one of this.line.pending) this.wait(one);
    this.compose();
    this.line.start();
  }

  private compose(): void {
    const text = el("textarea", { rows: "2", maxlength: "2000", "aria-label": this.say.write, placeholder: this.say.write });
    const file = el("input", { type: "file", "aria-label": this.say.attach });
    const form = el("form", {}, el("label", { class: "clip", title: this.say.attach }, clip(), file), text, el("button", { type: "submit" }, this.say.send));
    file.addEventListener("change", () => {
      const chosen = file.files?.[0];
      if (!chosen || !this.line) return;
      this.wrong.hidden = true;
      this.wait(this.line.write("", chosen));
      file.value = "";
    });
    const send = (): void => {
      const words = text.value.trim();
      if (!words || !this.line) return;
      text.value = "";
      this.wrong.hidden = true;
      this.wait(this.line.write(words));
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    text.addEventListener("input", () => text.value.trim() && this.line?.types());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      send();
    });
    fill(this.foot, form);
    text.focus();
  }

  private bubble(text: string, who: string, own = false): HTMLElement {
    const made = el("div", { class: own ? "turn own" : "turn" }, ...(who ? [el("small", {}, who)] : []), text);
    this.turns.append(made);
    this.turns.scrollTop = this.turns.scrollHeight;
    return made;
  }

  private wait(one: Waiting): void {
    const made = this.bubble(one.name ?? one.text, "", true);
    made.classList.add("waits");
    made.title = this.say.sending;
    this.waits.set(one.id, made);
  }

  private show(fresh: Turn[]): void {
    for (const turn of fresh) {
      this.waits.get(turn.id)?.remove();
      this.waits.delete(turn.id);
      const made = this.bubble(turn.text, turn.robot ? this.say.robot : turn.agent, turn.own);
      if (turn.robot) this.byRobot(made, turn);
      for (const file of turn.files) made.append(this.file(file));
      if (turn.own) this.own.push([turn.seq, made]);
      else this.newest = turn.seq;
      if (!turn.own) this.typing.hidden = true;
    }
    this.looked();
    for (const made of this.waits.values()) this.turns.append(made);
    this.turns.scrollTop = this.turns.scrollHeight;
  }

  /** The robot is known as one, its article is named, and whoever asked says whether it helped. */
  private byRobot(made: HTMLElement, turn: Turn): void {
    made.classList.add("robot");
    const { article, title, helped } = turn.robot ?? {};
    if (!article) return;
    const link = el("a", { href: `${this.home}/portal/help/${article}`, target: "_blank", rel: "noopener" }, title ?? "");
    made.append(el("small", {}, this.say.source, link));
    if (typeof helped === "boolean") return;
    const row = el("div", { class: "judge" });
    for (const [text, value] of [[this.say.helped, true], [this.say.useless, false]] as const) {
      const button = el("button", { type: "button" }, text);
      button.addEventListener("click", () => {
        fill(row, this.say.noted);
        void this.line?.robot({ seq: turn.seq, helped: value }).catch((error: unknown) => this.fail(error));
      });
      row.append(button);
    }
    made.append(row);
  }

  /** A picture stands in the talk, any other file is a button that saves it. */
  private file(file: Enclosed): HTMLElement {
    const save = (blob: Blob): void => {
      const link = el("a", { href: URL.createObjectURL(blob), download: file.name, target: "_blank" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    };
    const get = (): Promise<Blob> => this.line?.open(file) ?? Promise.reject(new Error("closed"));
    if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
      const button = el("button", { type: "button", class: "file" }, file.name);
      button.addEventListener("click", () => void get().then(save).catch((error: unknown) => this.fail(error)));
      return button;
    }
    const picture = el("img", { alt: file.name, title: file.name });
    get()
      .then((blob) => {
        picture.src = URL.createObjectURL(blob);
        picture.addEventListener("load", () => (this.turns.scrollTop = this.turns.scrollHeight), { once: true });
        return picture.addEventListener("click", () => save(blob));
      })
      .catch(() => undefined);
    return picture;
  }

  /** What came from the centre is read while the box is open on a page that is looked at. */
  private looked(): void {
    if (this.newest && !document.hidden && this.host.classList.contains("open")) this.line?.readUpTo(this.newest);
  }

  private showTyping(): void {
    this.typing.hidden = false;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => (this.typing.hidden = true), 6000);
  }

  private stand(now: Standing): void {
    this.now = now;
    let last: (typeof this.own)[number] | undefined;
    for (const one of this.own) if (one[0] <= now.seen) last = one;
    if (last && this.read.parentElement !== last[1]) last[1].append(this.read);
    this.state(false);
    this.night();
    const asked = now.state === "closed" && !now.rated;
    if (asked && !this.rating) this.askStars();
    if (!asked && this.rating) {
      this.rating.remove();
      this.rating = null;
    }
  }

  private state(broken: boolean): void {
    const { state, place, agent, away } = this.now;
    this.status.classList.toggle("bad", broken);
    let text = "";
    if (broken) text = this.say.lost;
    else if (state === "robot") text = this.say.with;
    else if (state === "closed") text = this.say.closed;
    else if (away) text = this.say.away;
    else if (state === "waiting") text = place > 1 ? this.say.waiting.replace("{}", String(place - 1)) : this.say.next;
    else if (agent) text = this.say.served.replace("{}", agent);
    this.told.textContent = text;
    this.person.hidden = state !== "robot" || broken;
  }

  private askStars(): void {
    const row = el("div", { class: "rating", role: "group", "aria-label": this.say.rate }, this.say.rate);
    for (const stars of [1, 2, 3, 4, 5]) {
      const one = el("button", { type: "button", "aria-label": this.say.stars.replace("{}", String(stars)) }, "★");
      one.addEventListener("click", () => {
        ask(this.home, "rate", { token: this.line?.token ?? "", stars, text: "" })
          .then(() => {
            this.now = { ...this.now, rated: true };
            row.remove();
            this.rating = null;
            return this.bubble(this.say.thanks, "");
          })
          .catch((error: unknown) => this.fail(error));
      });
      row.append(one);
    }
    this.rating = row;
    this.turns.after(row);
  }
}

/** Put the widget on the page, as its script tag says. */
export function begin(script: HTMLScriptElement | null): Widget | null {
  const key = script?.dataset["key"];
  if (!script || !key || document.querySelector("kefu-chat")) return null;
  return new Widget(new URL(script.src, location.href).origin, key, script.dataset["language"] ?? navigator.language, script.dataset["identity"]);
}

const own = document.currentScript;
if (own instanceof HTMLScriptElement) {
  if (document.body) begin(own);
  else addEventListener("DOMContentLoaded", () => begin(own));
}
