// What the widget is made of: its texts, its looks, and the pieces of its page. It asks of a browser only what old phones have, too.
export const TEXTS = {
  zh: {
    open: "在线客服", close: "收起", send: "发送", write: "请输入消息", name: "您的称呼（选填）", start: "开始咨询", agree: "我已阅读并同意：", waiting: "排队中，您前面还有 {} 位",
    next: "即将为您接入", served: "客服 {} 为您服务", closed: "本次会话已结束，可继续留言", lost: "网络中断，正在重连…", sending: "发送中…", rate: "请为本次服务评分", thanks: "感谢您的评价",
    away: "现在是非服务时间，请留言，我们会尽快联系您。", phone: "联系电话", matter: "请描述您的问题", leave: "提交留言", left: "留言已收到，我们会尽快联系您。", later: "如需回电，请留下联系电话，上班后我们会尽快与您联系。", more: "补充说明（选填）", onward: "不留电话，继续输入", failed: "暂时无法连接，请稍后再试。", again: "重试", stars: "{} 星", attach: "发送图片或文件",
    robot: "智能机器人", with: "智能机器人为您服务", person: "转人工", source: "来源：", helped: "有帮助", useless: "没有帮助", noted: "感谢反馈", types: "对方正在输入…", read: "已读",
  },
  en: {
    open: "Chat with us", close: "Close", send: "Send", write: "Write a message", name: "Your name (optional)", start: "Start the chat", agree: "I have read and agree: ", waiting: "{} before you in the queue",
    next: "You are next", served: "Agent {} is with you", closed: "This chat has ended; you may write on", lost: "Connection lost, trying again…", sending: "Sending…", rate: "How was our service?", thanks: "Thank you for your word",
    away: "We are not here right now. Leave a message and we will call you back.", phone: "Phone number", matter: "What is it about?", leave: "Leave the message", left: "Your message has arrived; we will call you back.", later: "To be called back, leave your phone number; we will call you once we are open.", more: "Anything to add (optional)", onward: "No call, write on", failed: "We cannot be reached right now. Please try again later.", again: "Try again", stars: "{} stars", attach: "Send a picture or a file",
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
form.late{flex:none;border-top:1px solid #e1e5ec}button.plain{background:transparent;color:#1454cc}
input,textarea{font:inherit;color:inherit;background:#fff;border:1px solid #8b93a3;border-radius:6px;padding:8px;width:100%;resize:none}input[type=checkbox]{width:auto}
.rating{padding:6px 14px;border-top:1px solid #e1e5ec;display:flex;align-items:center;gap:2px;flex-wrap:wrap}.rating button{background:transparent;color:#ad5700;padding:2px 6px;font-size:20px}
.clip{flex:none;align-self:end;padding:8px;border-radius:6px;cursor:pointer}.clip:focus-within{outline:2px solid #1454cc}.clip input{position:absolute;width:1px;height:1px;opacity:0}
.turn img{display:block;max-width:100%;max-height:220px;border-radius:6px;cursor:pointer}.turn .file{background:transparent;color:#1454cc;padding:0;text-decoration:underline;overflow-wrap:anywhere;text-align:left}
.status span{flex:1}.status button,.judge button{background:#fff;color:#1454cc;border:1px solid #1454cc;padding:2px 10px;font-size:12px}
.typing{padding:0 14px 6px;color:#5a6272;font-size:12px}.turn small.read{text-align:right}
.turn.robot{background:#e8f5ec}.turn small a{color:#1454cc}.judge{display:flex;gap:6px;margin-top:6px;font-size:12px}
.wrong{color:#a8071a;padding:0 14px 6px}label{display:block}
@media (max-width:480px){:host(.open){right:0;bottom:0;left:0;top:0}.box{width:100%;max-width:none;height:100vh;height:100dvh;max-height:none;border-radius:0}}`;

export type Words = { [name in keyof (typeof TEXTS)["zh"]]: string };

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name] ?? "");
  for (const child of children) made.append(child);
  return made;
}

/** A paper clip, drawn: not every phone has a sign for it. */
export function clip(): SVGElement {
  const [made, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name)) as [SVGElement, SVGElement];
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["width", "20"], ["height", "20"], ["aria-hidden", "true"]] as const) made.setAttribute(name, value);
  line.setAttribute("d", "M15 7l-6.5 6.5a2 2 0 0 0 3 3L18 10a3.5 3.5 0 0 0-5-5l-6.5 6.5a5 5 0 0 0 7 7L20 12");
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"], ["stroke-linecap", "round"]] as const) line.setAttribute(name, value);
  made.append(line);
  return made;
}

/** Put these into a box in place of what stands there (replaceChildren is younger than many phones). */
export function fill(box: Element, ...parts: (Node | string)[]): void {
  while (box.firstChild) box.firstChild.remove();
  box.append(...parts);
}

/** Give the tree its looks. A page that forbids inline styles (Content-Security-Policy) lets a sheet of a script pass; old browsers know none. */
export function dress(tree: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    tree.adoptedStyleSheets = [sheet];
  } catch {
    tree.append(el("style", {}, STYLE));
  }
}
