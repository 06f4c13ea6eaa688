"""The wire of e-mail: IMAP, SMTP and OAuth2 as a centre needs them. No table; what a letter means stands in ``engines.mail``."""
