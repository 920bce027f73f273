"""The Makini API over HTTP; the only package that knows httpx."""
