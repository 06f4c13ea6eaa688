"""Mail that no person wrote to us: bounces, automatic answers, mailing lists. Told by standard first, then by what Chinese mailers do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.engines.mail.tree import Part

BOUNCE, AUTO_REPLY, LIST, PERSONAL = "bounce", "auto-reply", "list", ""
_DAEMON = re.compile(
    r"(?:mailer-?daemon|postmaster|mail-?delivery|mdaemon|bounce[sd]?|microsoftexchange[0-9a-f]+|mailsystem|mail\.?system"
    r"|systemmail|noreply-?bounce)",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"退信|退回|未送达|未送達|无法投递|無法投遞|无法送达|無法傳遞|无法传递|投递失败|投遞失敗|发送失败|發送失敗|传递失败"
    r"|傳遞失敗|寄送失敗|未能送达|无法发送|未传递"
    r"|undeliver|returned mail|returned to sender|delivery (?:status notification|has failed|failure|failed|problem)"
    r"|failure notice|mail delivery (?:failed|system|subsystem)"
    r"|message not delivered|delivery report|could not be delivered|non-?delivery|nondeliverable|unzustellbar|non remis",
    re.IGNORECASE,
)
_AUTO = re.compile(
    r"\s*(?:\[?(?:自动|自動)(?:回复|回覆|回復|答复|答覆|应答|應答)\]?|auto(?:matic)?[ -]?(?:reply|response|responder"
    r"|antwort)|automatische antwort|out[ -]of[ -](?:the[ -])?office|ooo\b"
    r"|réponse automatique|abwesenheits|(?:不在办公室|外出时的自动)|on (?:vacation|leave)\b|vacation reply)",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(r"(?:final|original)-recipient:\s*(?:rfc822\s*;)?\s*<?([^\s<>;]{3,300})", re.IGNORECASE)
_STATUS = re.compile(r"^status:\s*(\d\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action:\s*([a-z]{4,12})", re.IGNORECASE | re.MULTILINE)
_DIAGNOSTIC = re.compile(r"^diagnostic-code:\s*(.{1,400}(?:\n[ \t].{1,200}){0,4})", re.IGNORECASE | re.MULTILINE)
_ANY_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_SMTP = re.compile(r"\b([45]\d\d)[ -](?:([45]\.\d{1,3}\.\d{1,3})|[A-Za-z])|\b([45]\.\d\.\d{1,3})\b")


def _bounced(root: Part, subject: str, sender: str, reports: Sequence[str]) -> bool:
    if (
        root.type == "multipart/report"
        and root.params.get("report-type", "").lower() in ("delivery-status", "")
        and "disposition" not in "".join(reports)[:300].lower()
    ):
        return True
    if any("final-recipient" in report.lower() and "disposition" not in report.lower() for report in reports):
        return True
    if root.raw("x-failed-recipients"):
        return True
    nobody = root.get("return-path").strip() == "<>" or bool(_DAEMON.match(sender.partition("@")[0])) or not sender
    return bool(nobody and _BOUNCED.search(subject)) or (
        bool(_DAEMON.match(sender)) and root.get("auto-submitted").lower().startswith("auto-")
    )


def _automatic(root: Part, subject: str) -> bool:
    said = root.get("auto-submitted").lower()
    if said.startswith(("auto-replied", "auto-notified")) or (said.startswith("auto-generated") and _AUTO.match(subject)):
        return True
    if any(
        root.raw(name)
        for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply")
    ):
        return True
    if root.get("precedence").lower() in ("auto_reply", "auto-reply") or root.get("x-precedence").lower() == "auto_reply":
        return True
    if root.type == "multipart/report" and root.params.get("report-type", "").lower() == "disposition-notification":
        return True
    return bool(_AUTO.match(subject))


def _listed(root: Part) -> bool:
    return bool(root.raw("list-id") or root.raw("list-post") or root.raw("list-unsubscribe")) or root.get("precedence").lower() in (
        "list",
        "bulk",
        "junk",
    )


def kind(root: Part, subject: str, sender: str, reports: Sequence[str]) -> str:
    """``bounce``, ``auto-reply``, ``list`` or empty for a person's own mail."""
    if _bounced(root, subject, sender, reports):
        return BOUNCE
    if _automatic(root, subject):
        return AUTO_REPLY
    if _listed(root):
        return LIST
    return AUTO_REPLY if root.get("auto-submitted").lower().startswith("auto-") else PERSONAL


def bounce(root: Part, reports: Sequence[str], text: str, own: Sequence[str]) -> dict[str, str]:
    """Whom a bounce is about and why. ``own`` are addresses that cannot be meant: those the bounce came from and went to."""
    report = "\n".join(reports)
    recipient = _RECIPIENT.search(report)
    status, action, diagnostic = _STATUS.search(report), _ACTION.search(report), _DIAGNOSTIC.search(report)
    to = recipient[1] if recipient else root.get("x-failed-recipients").partition(",")[0].strip()
    if not to:
        apart = {address.lower() for address in own}
        to = next((one for one in _ANY_ADDRESS.findall(text[:20_000]) if one.lower() not in apart and not _DAEMON.match(one)), "")
    found = {"recipient": to, "action": action[1].lower() if action else "failed", "status": status[1] if status else ""}
    smtp = _SMTP.search(text[:20_000])
    if not found["status"] and smtp:
        found["status"] = smtp[2] or smtp[3] or (f"{smtp[1][0]}.0.0" if smtp[1] else "")
    found["reason"] = " ".join(diagnostic[1].split()) if diagnostic else ""
    return found
