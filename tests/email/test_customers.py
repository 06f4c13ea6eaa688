"""A customer's mail address: in the file, masked as one, and found when he writes."""

from kefu.touch.channels.email import services
from kefu.touch.contacts.models import Contact
from tests.browser import Browser
from tests.conversations.makers import account
from tests.email.letters import letter


def test_a_letter_finds_the_customer_by_the_address_in_the_file(cast, signed_in):
    client = signed_in(cast.agent)
    wrong = client.post("/api/v1/customers", {"name": "张伟", "emails": "nowhere"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "emails")
    words = {"name": "张伟", "emails": "Zhang@Home.example, work@home.example"}
    made = client.post("/api/v1/customers", words, content_type="application/json").json()["id"]
    account(cast)
    talk = services.ingest(letter()).id
    assert Contact.objects.get(pk=talk).customer_id == made
    page = Browser(client).open(f"/customers/{made}").text
    assert "zhang@home.example" not in page
    assert "@home.example" in page
    values = [one["value"] for one in client.get(f"/api/v1/customers/{made}").json()["points"]]
    assert all("***" in one and one.endswith("@home.example") for one in values)
    assert len(values) == 2
