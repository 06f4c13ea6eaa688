"""Mails made by hand, byte for byte; no library that would mend them."""

import base64


def word(text, charset, label=None, encoding="B"):
    """An encoded word; its label need not be true."""
    data = text.encode(charset) if isinstance(text, str) else text
    coded = base64.b64encode(data).decode() if encoding.upper() == "B" else "".join(f"={one:02X}" for one in data)
    return f"=?{label or charset}?{encoding}?{coded}?="


def b64(data):
    return base64.encodebytes(data)


def mail(body=b"", *, fields=(), kind="text/plain; charset=utf-8", encoding="8bit", **headers):
    """A message; ``body`` is coded as ``encoding`` says, raw bytes in headers stay raw."""
    body = body.encode() if isinstance(body, str) else body
    given = {
        "From": "zs@qq.com",
        "To": "kf@example.com",
        "Subject": "x",
        "Date": "Tue, 2 Jan 2024 10:00:00 +0800",
        "Message-ID": "<1@qq.com>",
    }
    given.update({name.replace("_", "-"): value for name, value in headers.items()})
    out = b""
    for name, value in [*given.items(), *fields]:
        if value is not None:
            out += name.encode() + b": " + (value.encode() if isinstance(value, str) else value) + b"\n"
    if kind:
        out += b"Content-Type: " + kind.encode() + b"\n"
    if encoding:
        out += b"Content-Transfer-Encoding: " + encoding.encode() + b"\n"
    return out + b"\n" + (b64(body) if encoding == "base64" else body)


def part(body=b"", kind="text/plain; charset=utf-8", encoding="8bit", disposition="", fields=()):
    body = body.encode() if isinstance(body, str) else body
    head = (
        b"Content-Type: "
        + (kind.encode() if isinstance(kind, str) else kind)
        + b"\nContent-Transfer-Encoding: "
        + encoding.encode()
        + b"\n"
    )
    if disposition:
        head += b"Content-Disposition: " + (disposition.encode() if isinstance(disposition, str) else disposition) + b"\n"
    head += b"".join(f"{name}: {value}\n".encode() for name, value in fields)
    return head + b"\n" + (b64(body) if encoding == "base64" else body)


def multi(*parts, sub="mixed", boundary="=_b", closed=True, more=""):
    """The type of a multipart and its body."""
    body = b"".join(b"--" + boundary.encode() + b"\n" + one + b"\n" for one in parts)
    return f'multipart/{sub}; boundary="{boundary}"{more}', body + (b"--" + boundary.encode() + b"--\n" if closed else b"")


def nested(*parts, sub="mixed", boundary="=_n"):
    kind, body = multi(*parts, sub=sub, boundary=boundary)
    return part(body, kind)
