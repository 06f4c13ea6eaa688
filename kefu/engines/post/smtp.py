"""Handing one letter to a mail server, and what its answer means."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.engines.post.servers import SECONDS, STARTTLS, TLS, Login, Server, SignInRefused, Trouble, context, words


class Refused(Exception):
    """The server will never take this letter (5xx); the text is its answer."""


@dataclass(frozen=True)
class Answer:
    """What a server said about one recipient; ``final``: it will never take a letter for him."""

    final: bool
    said: str


def send(server: Server, login: Login, *, sender: str, to: str, data: bytes) -> None:
    """Send ``data`` to one. Raises ``Refused`` if the letter is refused for good, ``Trouble`` if it is to be tried again later."""
    for answer in send_all(server, login, sender=sender, to=[to], data=data).values():
        raise Refused(answer.said) if answer.final else Trouble(answer.said)


def send_all(server: Server, login: Login, *, sender: str, to: Sequence[str], data: bytes) -> dict[str, Answer]:
    """Send ``data`` to all of them; answers those for whom the server took nothing. Raises as ``send`` where that is about the letter."""
    try:
        with _opened(server) as client:
            _sign_in(client, login)
            refused = client.sendmail(sender, list(to), data)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _judged(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPAuthenticationError as error:
        raise SignInRefused(_said(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise Trouble(_said(error.smtp_code, error.smtp_error)) from error
    except UnicodeEncodeError as error:
        raise Refused(f"this address cannot be written to: {', '.join(to)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Trouble(words(error)) from error
    return {one: Answer(code >= 500, _said(code, said)) for one, (code, said) in refused.items()}


def greet(server: Server, login: Login, *, patience: float) -> None:
    """Sign in and send nothing; the server has ``patience`` seconds for each answer. Raises ``SignInRefused`` or ``Trouble``."""
    try:
        with _opened(server, patience) as client:
            _sign_in(client, login)
            client.noop()
    except smtplib.SMTPAuthenticationError as error:
        raise SignInRefused(_said(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Trouble(words(error)) from error


def _opened(server: Server, patience: float = SECONDS) -> smtplib.SMTP:
    if server.security == TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=patience, context=context())
    client = smtplib.SMTP(server.host, server.port, timeout=patience)
    if server.security == STARTTLS:
        try:
            client.starttls(context=context())
        except BaseException:
            client.close()
            raise
    return client


def _sign_in(client: smtplib.SMTP, login: Login) -> None:
    if not login.user:
        return
    client.ehlo_or_helo_if_needed()
    if login.oauth:
        client.auth("XOAUTH2", lambda challenge=None: "" if challenge else login.xoauth2)
    else:
        client.login(login.user, login.secret)


def _judged(code: int, said: bytes | str) -> Exception:
    return Refused(_said(code, said)) if code >= 500 else Trouble(_said(code, said))


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:400]
