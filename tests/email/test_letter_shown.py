"""A letter with pictures and scripts, as an agent sees it."""

import io
from email.message import EmailMessage

from PIL import Image

from kefu.touch.channels.email import services
from kefu.touch.conversations.models import Attachment, Message
from tests.conversations.makers import account

PAGE = """<p>看<b>照片</b></p><img src="cid:leak1"><img src="https://tracker.example/x.png" width="300" height="200">
<script>alert(1)</script><a href="javascript:alert(2)">x</a>"""


def test_own_pictures_are_shown_and_nothing_is_fetched_from_elsewhere(cast, signed_in):
    account(cast)
    made = EmailMessage()
    for name, value in {
        "From": "zhang@home.example",
        "To": "service@kefu.example",
        "Subject": "漏水",
        "Message-ID": "<p@x.example>",
    }.items():
        made[name] = value
    made.set_content("看照片")
    made.add_alternative(PAGE, subtype="html")
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    made.get_payload()[1].add_related(picture.getvalue(), "image", "png", cid="<leak1>", filename="漏水.png")
    talk = services.ingest(made.as_bytes()).id
    client, message, kept = signed_in(cast.agent), Message.objects.get(), Attachment.objects.get()
    url = f"/inbox/{talk}/messages/{message.pk}"
    page = client.get(f"/inbox/{talk}").content.decode()
    assert url in page
    assert f'src="/files/{kept.file_id}/' in page
    shown = client.get(url)
    html = shown.content.decode()
    assert f'<img src="/files/{kept.file_id}/' in html
    assert ("<script" in html, "javascript:" in html, 'src="https:' in html) == (False, False, False)
    assert "https:" not in shown.headers["Content-Security-Policy"]
    assert "有1张其他服务器上的图片未显示" in html
    every = client.get(f"{url}?pictures=all")
    assert 'src="https://tracker.example/x.png"' in every.content.decode()
    assert "img-src 'self' data: https: http:;" in every.headers["Content-Security-Policy"]
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert client.get(f"/files/{kept.file_id}/x.png").getvalue().startswith(b"\x89PNG")
    assert signed_in(cast.crew).get(url).status_code in {403, 404}
    assert client.get(f"/inbox/{talk}/messages/{message.pk + 1}").status_code == 404
