"""Makini Desktop: watches a company's Makini connections and repairs them."""

__version__ = "0.1.0"
