from kefu.kit.initials import initials


def test_common_signs_by_their_first_letter():
    assert [initials(word) for word in ("您好", "核对联系方式", "95598供电", "Hello, 啊座！", "亍🙂")] == [
        "nh",
        "hdlxfs",
        "95598gd",
        "helloaz",
        "",
    ]
