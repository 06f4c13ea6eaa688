// The chat widget of a foreign page: <script src=".../widget.js" data-key="..." async></script>. It stands in a shadow tree of its own, so
// that neither its looks nor its script leak into the page, nor the page's into it. It needs no cookie and nothing else of Kefu.
import { Line, Refusal, ask, memory, newId, subject, type Enclosed, type Standing, type Turn, type Waiting } from "./widget-line";

const TEXTS = {
  zh: {
    open: "在线客服", close: "收起", send: "发送", write: "请输入消息", name: "您的称呼（选填）", start: "开始咨询", agree: "我已阅读并同意：", waiting: "排队中，您前面还有 {} 位",
    next: "即将为您接入", served: "客服 {} 为您服务", closed: "本次会话已结束，可继续留言", lost: "网络中断，正在重连…", sending: "发送中…", rate: "请为本次服务评分", thanks: "感谢您的评价",
    away: "现在是非服务时间，请留言，我们会尽快联系您。", phone: "联系电话", matter: "请描述您的问题", leave: "提交留言", left: "留言已收到，我们会尽快联系您。", failed: "暂时无法连接，请稍后再试。", stars: "{} 星", attach: "发送图片或文件",
    robot: "智能机器人", with: "智能机器人为您服务", person: "转人工", source: "来源：", helped: "有帮助", useless: "没有帮助", noted: "感谢反馈", types: "对方正在输入…", read: "已读",
  },
  en: {
    open: "Chat with us", close: "Close", send: "Send", write: "Write a message", name: "Your name (optional)", start: "Start the chat", agree: "I have read and agree: ", waiting: "{} before you in the queue",
    next: "You are next", served: "Agent {} is with you", closed: "This chat has ended; you may write on", lost: "Connection lost, trying again…", sending: "Sending…", rate: "How was our service?", thanks: "Thank you for your word",
    away: "We are not here right now. Leave a message and we will call you back.", phone: "Phone number", matter: "What is it about?", leave: "Leave the message", left: "Your message has arrived; we will call you back.", failed: "We cannot be reached right now. Please try again later.", stars: "{} stars", attach: "Send a picture or a file",
    robot: "Robot", with: "A robot is with you", person: "Talk to a person", source: "From: ", helped: "Helpful", useless: "Not helpful", noted: "Thank you", types: "Typing…", read: "Read",
  },
} as const;

const STYLE = `
:host{all:initial;position:fixed;right:16px;bottom:16px;z-index:2147483000;font:14px/1.5 system-ui,-apple-system,"PingFang SC","Microsoft YaHei",sans-serif;color:#1d2433}
*{box-sizing:border-box}[hidden]{display:none!important}
button{font:inherit;cursor:pointer;border:0;border-radius:6px;white-space:nowrap;background:#1454cc;color:#fff;padding:8px 14px}button:disabled{background:#8797b5}
button:focus-visible,input:focus-visible,textarea:focus-visible{outline:2px solid #1454cc;outline-offset:2px}
.opener{border-radius:24px;padding:12px 20px;box-shadow:0 4px 16px rgba(0,0,0,.25)}
.box{width:360px;max-width:calc(100vw - 32px);height:520px;max-height:calc(100vh - 32px);display:flex;flex-direction:column;background:#fff;border-radius:10px;box-shadow:0 8px 32px rgba(0,0,0,.28);overflow:hidden}
header{display:flex;align-items:center;gap:8px;background:#1454cc;color:#fff;padding:10px 14px}header b{flex:1;font-weight:600}header button{background:transparent;padding:4px 8px}
.status{padding:4px 14px;display:flex;align-items:center;gap:8px;background:#f1f4fa;color:#444c5c;font-size:12px;min-height:26px}.status.bad{background:#fff1f0;color:#a8071a}
.turns{flex:1;overflow:auto;padding:12px 14px;display:flex;flex-direction:column;gap:8px}
.turn{max-width:82%;padding:8px 12px;border-radius:10px;background:#eef1f6;white-space:pre-wrap;overflow-wrap:anywhere;align-self:flex-start}
.turn.own{align-self:flex-end;background:#d9e6ff}.turn.waits{opacity:.6}.turn small{display:block;color:#5a6272;font-size:11px}
form{display:flex;gap:8px;padding:10px 14px;border-top:1px solid #e1e5ec}form.tall{flex-direction:column;border:0;overflow:auto;flex:1}
input,textarea{font:inherit;color:inherit;background:#fff;border:1px solid #8b93a3;border-radius:6px;padding:8px;width:100%;resize:none}input[type=checkbox]{width:auto}
.rating{padding:6px 14px;border-top:1px solid #e1e5ec;display:flex;align-items:center;gap:2px;flex-wrap:wrap}.rating button{background:transparent;color:#ad5700;padding:2px 6px;font-size:20px}
.clip{flex:none;align-self:end;padding:8px;border-radius:6px;cursor:pointer}.clip:focus-within{outline:2px solid #1454cc}.clip input{position:absolute;width:1px;height:1px;opacity:0}
.turn img{display:block;max-width:100%;max-height:220px;border-radius:6px;cursor:pointer}.turn .file{background:transparent;color:#1454cc;padding:0;text-decoration:underline;overflow-wrap:anywhere;text-align:left}
.status span{flex:1}.status button,.judge button{background:#fff;color:#1454cc;border:1px solid #1454cc;padding:2px 10px;font-size:12px}
.typing{padding:0 14px 6px;color:#5a6272;font-size:12px}.turn small.read{text-align:right}
.turn.robot{background:#e8f5ec}.turn small a{color:#1454cc}.judge{display:flex;gap:6px;margin-top:6px;font-size:12px}
.wrong{color:#a8071a;padding:0 14px 6px}label{display:block}
@media (max-width:480px){:host(.open){right:0;bottom:0;left:0;top:0}.box{width:100%;max-width:none;height:100vh;height:100dvh;max-height:none;border-radius:0}}`;

type Words = { [name in keyof (typeof TEXTS)["zh"]]: string };

function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name] ?? "");
  for (const child of children) made.append(child);
  return made;
}

/** A paper clip, drawn: not every phone has a sign for it. */
function clip(): SVGElement {
  const [made, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name)) as [SVGElement, SVGElement];
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["width", "20"], ["height", "20"], ["aria-hidden", "true"]] as const) made.setAttribute(name, value);
  line.setAttribute("d", "M15 7l-6.5 6.5a2 2 0 0 0 3 3L18 10a3.5 3.5 0 0 0-5-5l-6.5 6.5a5 5 0 0 0 7 7L20 12");
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"], ["stroke-linecap", "round"]] as const) line.setAttribute(name, value);
  made.append(line);
  return made;
}

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
  private now: Standing = { talk: null, state: "new", place: 0, agent: "", rated: false, seen: 0 };
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
    this.host.attachShadow({ mode: "open" }).append(el("style", {}, STYLE), this.frame);
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
    this.frame.replaceChildren(...parts);
  }

  private fold(): void {
    this.host.classList.remove("open");
    const opener = el("button", { class: "opener", type: "button" }, this.say.open);
    opener.addEventListener("click", () => void this.unfold());
    this.put(opener);
  }

  private async unfold(): Promise<void> {
    this.host.classList.add("open");
    const close = el("button", { type: "button", "aria-label": this.say.close }, "×");
    close.addEventListener("click", () => this.fold());
    const title = el("b", {}, this.say.open);
    this.put(el("div", { class: "box", role: "dialog", "aria-label": this.say.open }, el("header", {}, title, close), this.status, this.turns, this.typing, this.wrong, this.foot));
    if (this.line) {
      this.looked();
      return this.compose();
    }
    const token = this.kept.read("token");
    if (token) this.talk(token);
    try {
      const begun = (await (await ask(this.home, "begin", { key: this.key })).json()) as Begun;
      title.textContent = begun.name;
      if (token) return;
      if (begun.greeting) this.bubble(begun.greeting, "");
      if (begun.open) this.welcome(begun);
      else this.away(begun);
    } catch (error) {
      if (!token) this.fail(error);
    }
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
    this.foot.replaceChildren(form);
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
      this.foot.replaceChildren();
      this.bubble(this.say.left, "");
    });
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
    this.foot.replaceChildren(form);
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
        row.replaceChildren(this.say.noted);
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
    const asked = now.state === "closed" && !now.rated;
    if (asked && !this.rating) this.askStars();
    if (!asked && this.rating) {
      this.rating.remove();
      this.rating = null;
    }
  }

  private state(broken: boolean): void {
    const { state, place, agent } = this.now;
    this.status.classList.toggle("bad", broken);
    let text = "";
    if (broken) text = this.say.lost;
    else if (state === "robot") text = this.say.with;
    else if (state === "closed") text = this.say.closed;
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
