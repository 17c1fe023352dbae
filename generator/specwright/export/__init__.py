"""A spec as documents that other tools read: OpenAPI for REST, AsyncAPI for the WebSocket API, streams and events."""
