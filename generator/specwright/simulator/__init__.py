"""The embedded exchange: real servers on loopback, made from the same spec as the client."""
