"""The login window: a process of its own that shows a login page and waits for its redirect.

It is told where to start and which redirect to wait for, on its standard input, and answers with one
line on its standard output. It never sees a token or a secret, and it knows `makini_desktop.core` only.
"""
