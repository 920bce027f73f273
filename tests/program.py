"""The program's own entry point, run as a person or a script runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox_process import CLIENT_ID, CLIENT_SECRET

PATIENCE = 40.0
PASSPHRASE = "correct horse 5up3r"
REDIRECT = "http://127.0.0.1/makini/callback"
SECRETS = (CLIENT_SECRET, PASSPHRASE)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that stdout is."""
        return json.loads(self.out)

    def said(self, code: int, *words: str) -> None:
        """Insist on an exit code and one line on stderr with these words, and nothing on stdout."""
        assert (self.code, self.out) == (code, ""), self
        assert len(self.err.splitlines()) == 1, self.err
        for each in words:
            assert each in self.err


class Program:
    """The program on one profile folder.

    Args:
        profile: its profile folder.
        vault: the kind of vault; the passphrase for `file` is in the environment.
        environment: variables on top of the test's own.
    """

    def __init__(
        self, profile: Path, vault: str = "file", environment: Mapping[str, str] | None = None
    ) -> None:
        self.profile = profile
        self.vault = vault
        self.environment = environment or {}

    @property
    def options(self) -> tuple[str, ...]:
        """The common options of every command."""
        return "--profile-dir", str(self.profile), "--vault", self.vault

    def start(self, *arguments: str, **environment: str | None) -> subprocess.Popen[str]:
        """Start a command; a variable of None is not in its environment."""
        wanted = os.environ | {"MAKINI_VAULT_PASSPHRASE": PASSPHRASE} | dict(self.environment) | environment
        return subprocess.Popen(
            [sys.executable, "-m", "makini_desktop", *self.options, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={name: value for name, value in wanted.items() if value is not None},
        )

    def run(self, *arguments: str, stdin: str = "", **environment: str | None) -> Ended:
        """Run a command to its end; whatever it was, it must not have told a secret."""
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(stdin, PATIENCE)
        finally:
            process.kill()
            process.communicate()
        assert not any(secret in out + err for secret in SECRETS)
        assert "Traceback" not in err, err
        return Ended(process.returncode, out, err)

    def add(self, api_base: str, *options: str, name: str = "acme", secret: str = CLIENT_SECRET) -> Ended:
        """Add an account whose secret comes on stdin."""
        return self.run(
            *("accounts", "add", name, "--api-base", api_base, "--link-base", api_base),
            *("--client-id", CLIENT_ID, "--redirect-uri", REDIRECT, "--client-secret-stdin", *options),
            stdin=f"{secret}\n",
        )
