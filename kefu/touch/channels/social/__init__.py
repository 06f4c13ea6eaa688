"""WeChat as a channel: official accounts (公众号) and 微信客服 of WeCom. Not yet run against a live account."""
