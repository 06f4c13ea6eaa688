"""The reply box of a talk by SMS: approved templates, and how long the text is."""

from kefu.touch.channels.sms import handling, routing
from tests.sms.makers import line, talk, texted


def test_the_box_offers_approved_templates_and_counts_as_the_carrier_does(cast, signed_in):
    held = line(cast, hotline="0571-88886666")
    manager, boss = cast.actor(cast.manager), cast.actor(cast.boss)
    handling.write(actor=manager, name="未批", text="{unit}感谢您的来信。")
    text = "{unit}提醒您：工单{number}处理中，详询{hotline}。"
    made = handling.write(actor=manager, name="处理中", text=text, occasion="order.accepted")
    handling.approve(actor=boss, id=made.pk)
    texted(held)
    client, one = signed_in(cast.agent), talk()
    page = client.get(f"/inbox/{one.pk}").content.decode()
    assert ("绿洲物业提醒您：工单……处理中，详询0571-88886666。" in page, "未批" in page, "/measure" in page) == (True, False, True)

    def told(text):
        return " ".join(client.post(f"/inbox/{one.pk}/measure", {"text": text}).content.decode().split())

    assert told("好" * 64) == "70个字符，按1条计费"
    assert told("好" * 65) == "71个字符，按2条计费"
    assert (routing.measured(held.pk, "好" * 65).parts, "手机号" in told("请拨打13812345678")) == (2, True)
