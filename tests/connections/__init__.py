"""Other ways to the exchange than a plain connection: HTTP/2, and proxies."""
