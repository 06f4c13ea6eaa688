"""The wire of SMS: lengths, gateways over HTTP described by data, SMPP 3.4. No table; who is written to and why stands above."""
