"""The sandbox as a process of its own, with what a test asks of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Self

import httpx

from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.services.accounts import new_account

PATIENCE = 20.0
CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"
USER, PASSWORD = "admin", "correct-horse"


class SandboxProcess:
    """A running sandbox; ended by `stop` or the end of a `with` block.

    Attributes:
        api_base: where it is reached.
        link_base: where its login pages are; the same unless they come over https.
        process: the child itself.
    """

    api_base: str
    link_base: str
    process: subprocess.Popen[str]

    def start(self, *arguments: object) -> Self:
        """Start it on a free port; `arguments` are those of the command `sandbox`."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "makini_desktop", "sandbox", "--child", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise AssertionError(f"the sandbox did not start: exit code {self.process.returncode}")
        self._news = json.loads(line)
        self.api_base = self._news["api_base"]
        self.link_base = self._news["link_base"]
        self._http = httpx.Client(base_url=self.api_base, timeout=PATIENCE, trust_env=False)
        self._quiet_taken: set[str] = set()
        return self

    def stop(self) -> None:
        """Let it end, as the end of its parent would; more than one call does no harm."""
        if hasattr(self, "_http"):
            self._http.close()
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def account(self, **changes: Any) -> Account:
        """Return the account that reaches it."""
        return new_account(
            **{
                "name": "sandbox",
                "api_base": self.api_base,
                "link_base": self.api_base,
                "client_id": CLIENT_ID,
                "redirect_uris": tuple(self._news["redirect_uris"]),
                "version_in": VersionPlacement(self._news["version_in"]),
                **changes,
            }
        )

    def control(self, action: str, connection: str | Sequence[str] | None = None, **parameters: Any) -> None:
        """Make something happen, to one connection or to several."""
        order = {"action": action, **({"connection": connection} if connection else {}), **parameters}
        answer = self._http.post("/sandbox/control", json=order)
        assert answer.status_code == 200, answer.text

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the requests answered after number `after`, oldest first."""
        found: list[dict[str, Any]] = self._http.get("/sandbox/log", params={"after": after}).json()[
            "requests"
        ]
        return found

    def mark(self) -> int:
        """Return the number of the last request, to be given to `log`."""
        requests = self.log()
        return int(requests[-1]["n"]) if requests else 0

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the summaries of all connections by id."""
        rows = self._http.get("/sandbox/state").json()["connections"]
        return {row["id"]: row for row in rows}

    def demand_answers(self) -> dict[str, str]:
        """Return what the browser of the last login with a demand has told."""
        found: dict[str, str] = self._http.get("/sandbox/state").json()["demand_answers"]
        return found

    def quiet(self) -> str:
        """Return the id of a healthy connection at rest that no other test was given."""
        for key in self.quiet_ones():
            if key not in self._quiet_taken:
                self._quiet_taken.add(key)
                return key
        raise AssertionError("no quiet connection is left")

    def quiet_ones(self) -> list[str]:
        """Return the ids of all healthy connections at rest."""
        found = []
        for key, row in self.state().items():
            done = row["last_sync"] is not None and row["last_sync"]["status"] == "completed"
            if done and row["broken_since"] is None and row["running_sync"] is None:
                found.append(key)
        return found

    def issue(self, connection: str) -> dict[str, Any]:
        """Issue a token as other software would, which ends every older one, and return the answer."""
        credentials = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        admin = self._http.post("/link/token", json=credentials).json()["access_token"]
        prefix = "/api/v1" if self._news["version_in"] == "path" else "/api"
        answer = self._http.post(
            f"{prefix}/system/connections/{connection}/token", headers={"Authorization": f"Bearer {admin}"}
        )
        found: dict[str, Any] = answer.json()["data"]
        return found

    def serves(self, token: str) -> bool:
        """Ask for a connection's status as other software would; tell whether token and sign-in hold."""
        prefix = "/api/v1" if self._news["version_in"] == "path" else "/api"
        answer = self._http.get(
            f"{prefix}/integrations/current/status", headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code == 200 and not answer.json()["data"]["reauthorization_required"]

    def start_sync(self, token: str) -> str:
        """Start a sync as other software would, and return its id."""
        prefix = "/api/v1" if self._news["version_in"] == "path" else "/api"
        answer = self._http.post(
            f"{prefix}/integrations/sync",
            json={"type": "manual", "action": "incremental"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["id"])

    def sign_in(self, authorize_url: str) -> str:
        """Walk the login pages as the customer and return the address of the redirect."""
        return sign_in(self._http, authorize_url)


def sign_in(http: httpx.Client, authorize_url: str) -> str:
    """Walk a sandbox's login pages as the customer and return the address of the redirect."""
    page = submit(http, http.get(authorize_url), user=USER, password=PASSWORD)
    answer = submit(http, page, decision="allow")
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def submit(http: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    action = re.search(r'action="([^"]+)"', page.text)
    login = re.search(r'name="login" value="([^"]+)"', page.text)
    assert action, page.text
    assert login, page.text
    form: Mapping[str, str] = {"login": login[1], **fields}
    return http.post(action[1], data=form)
