"""The published protocols of the WeChat platforms: signature, encryption, XML, messages and calls. Knows no table."""
