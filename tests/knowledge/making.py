"""Articles for tests. The manager writes, the boss approves."""

from datetime import timedelta

from kefu.touch.knowledge import queries, services
from kefu.touch.knowledge.choices import Domain, Reach

BODY = "月卡每月三百元，带**行驶证**到客服中心登记。\n\n临时车按小时收费。"


def fields(**more):
    at = queries.today()
    known = {"title": "停车月卡怎么办理", "body": BODY, "source": "停车管理办法第三条", "domain": Domain.PROCESS, "reason": ""}
    known |= {"reach": Reach.STAFF, "valid_from": at, "valid_until": at + timedelta(days=90)}
    return {**known, **more}


def draft(cast, **more):
    return services.write(actor=cast.actor(cast.manager), **fields(**more))


def approved(cast, **more):
    article = draft(cast, **more)
    services.submit(actor=cast.actor(cast.manager), id=article.pk)
    services.approve(actor=cast.actor(cast.boss), id=article.pk)
    article.refresh_from_db()
    return article
