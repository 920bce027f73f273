"""A stand-in for Makini over real HTTP, to explore, train and test with.

It speaks contract sections 1 to 4 and shares no code with the client. Start it with
`makini_desktop.sandbox.server.main`; this package itself imports nothing.
"""
