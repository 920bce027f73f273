"""Tokens and client secrets: one encrypted file, its key in the keychain or made from a passphrase.

`kinds` picks the vault for a profile. `document` says what a vault holds, `encrypted` and `memory`
hold it; `sealed` is the file's format, `file` how it is replaced, `keychain` and `passphrase` where
its key comes from.
"""
