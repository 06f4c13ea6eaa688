"""Where a webhook may go, and what its signature is. No database."""

import base64

import pytest

from kefu.engines.webhooks import signing
from kefu.engines.webhooks.choices import Trouble
from kefu.engines.webhooks.reaching import Unreached, target

# The example of the Standard Webhooks specification and its libraries.
SECRET, WORD, STAMP, BODY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'

PLAIN, PUBLIC = "http://", "1.1.1.1"


def test_the_signature_is_that_of_the_specification():
    assert signing.signature(SECRET, WORD, STAMP, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    made = signing.headers([SECRET, signing.new_secret()], WORD, STAMP, BODY)
    assert made["webhook-signature"].startswith("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,")
    assert (made["webhook-id"], made["webhook-timestamp"]) == (WORD, "1614265330")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_" + base64.b64encode(b"x" * 23).decode(), "x" * 40])
def test_a_weak_secret_is_none(secret):
    with pytest.raises(ValueError, match=r"base64|bytes"):
        signing.key_of(secret)


INSIDE = (
    "127.0.0.1", "127.1", "10.1.2.3", "192.168.0.7", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "2130706433", "0x7f000001",
    "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "224.0.0.1", "localhost",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_inside_is_called_unless_it_is_named(host):
    with pytest.raises(Unreached) as caught:
        target(f"https://{host}/hooks", [])
    assert caught.value.why == Trouble.INSIDE


def test_what_is_named_is_called():
    assert target(PLAIN + "10.1.2.3:8080/x", ["erp.local", "10.1.0.0/16"]) == ("10.1.2.3", 8080)
    assert target("http://localhost/x", ["localhost"])[1] == 80
    assert target(f"https://{PUBLIC}/x", []) == ("1.1.1.1", 443)
    with pytest.raises(Unreached):
        target(PLAIN + "10.2.0.1/x", ["10.1.0.0/16"])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/", Trouble.ADDRESS),
        ("https://", Trouble.ADDRESS),
        (f"https://{'user:word@'}example.com/", Trouble.ADDRESS),
        (f"https://{'exa'} mple.com/\r\nX: y", Trouble.ADDRESS),
        ("https://[::1", Trouble.ADDRESS),
        ("https://example.com:99999/", Trouble.ADDRESS),
        (f"{PLAIN}{PUBLIC}/", Trouble.PLAIN),
        ("https://nowhere.invalid/", Trouble.NAME),
    ],
)
def test_what_is_no_address_is_refused(url, why):
    with pytest.raises(Unreached) as caught:
        target(url, [])
    assert caught.value.why == why
