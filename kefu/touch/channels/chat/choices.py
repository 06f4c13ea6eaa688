"""By which words of a visitor the robot hands over to a person, one a line, unless a widget says otherwise."""

WORDS = "\n".join(
    (
        *("转人工", "人工客服", "人工服务", "人工坐席", "找人工", "真人客服", "客服人员", "人工", "真人"),
        *("human agent", "real person", "speak to a person", "talk to a person", "human", "agent", "operator"),
    )
)
