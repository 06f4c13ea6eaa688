"""E-mail is read here: bytes to subject, people, texts, new text and attachments. Pure: no table, no network, no setting.

``reading.read(data)`` is the door. It never raises on any bytes but ``NotAMail``, and its time and memory are bounded for any input.
"""
