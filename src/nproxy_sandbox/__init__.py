"""Stand-ins that speak the real wires of the outside parties, for development and tests.

Each is a server of its own (`python -m nproxy_sandbox gemini`). Nothing here imports nproxy,
and nothing in nproxy imports this package.
"""
