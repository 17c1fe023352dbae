"""WebSockets: connections that heal, calls over them, market streams, user data, local order books, recordings."""
