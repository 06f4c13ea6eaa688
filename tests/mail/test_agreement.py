"""What Python's own package writes is read back the same: headers, texts and files."""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.engines.mail.reading import read

SIGNS = st.sampled_from("您好停水通知張請處理。，：aB7 -_()é€\U00020bb7")
WORDS = st.text(SIGNS, min_size=1, max_size=60).map(lambda text: " ".join(text.split())).filter(bool)
NAMES = (
    st.text(st.sampled_from("您好停水張三aB7é€\U00020bb7 "), min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
)
CODINGS = ["base64", "quoted-printable", "8bit"]
LETTERS = st.lists(st.text(SIGNS, max_size=100), min_size=1, max_size=9).map("\n".join).filter(str.strip)
FILES = st.lists(st.tuples(WORDS, st.binary(max_size=500)), max_size=3)


@settings(max_examples=120)
@given(WORDS, NAMES, LETTERS, FILES, st.sampled_from(["utf-8", "gb18030"]), st.booleans(), st.sampled_from(CODINGS))
def test_agreement(subject, name, letter, files, charset, has_html, coding):
    made = EmailMessage()
    made["Subject"], made["From"] = subject, Address(name, "zs", "qq.com")
    made["To"] = [Address(name, "a", "x.cn"), Address("", "b", "x.cn")]
    made.set_content(letter, charset=charset, cte=coding)
    if has_html:
        made.add_alternative(f"<pre>{letter}</pre>", subtype="html", charset=charset, cte=coding)
    for file, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=file + ".bin")
    found = read(made.as_bytes())
    assert found.subject == subject
    # That package loses a space before an encoded word that it folds, and adds one when it reads it back: spaces are not compared.
    people = [("".join(one.name.split()), one.address) for one in [found.sender, *found.to]]
    name = "".join(name.split())
    assert people == [(name, "zs@qq.com"), (name, "a@x.cn"), ("", "b@x.cn")]
    assert found.text == letter.strip("\n").rstrip()
    assert bool(found.html) == has_html
    assert [(one.size, one.sha256) for one in found.attachments] == [(len(data), hashlib.sha256(data).hexdigest()) for _file, data in files]
    assert [one.name.split() for one in found.attachments] == [(file + ".bin").strip(" .").split() for file, _data in files]
