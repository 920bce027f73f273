"""A sandbox in the test's own process, and what a client says to it."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from makini_desktop.sandbox.app import build_app
from makini_desktop.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, Options, Sandbox, SandboxRecord
from makini_desktop.sandbox.syncs import current_run, last_finished, next_start
from makini_desktop.sandbox.world import WorldRecord

NOON = 1_795_521_600.0
BASE = "http://127.0.0.1:8765"
CALLBACK = "http://127.0.0.1:51000/makini/callback"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Harness:
    """A sandbox in this process, reached as a client would, with a clock that tests move."""

    def __init__(self, options: Options, count: int, seed: int) -> None:
        self.clock = Clock(NOON)
        self.sandbox = Sandbox(SandboxRecord(world=WorldRecord(seed, count, NOON)), options, self.clock)
        transport = httpx.ASGITransport(build_app(self.sandbox), client=("127.0.0.1", 50_000))
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE)
        self.prefix = options.prefix
        self._admin: dict[str, str] | None = None

    def a(self, *kinds: str):
        """The first connection with an incident of that kind, or else a plain healthy one."""
        for connection in self.sandbox.world:
            if kinds and any(i.kind in kinds and i.until is None for i in connection.incidents):
                return connection
            plain = not connection.incidents and not connection.syncs and connection.connected_at is not None
            if not kinds and plain and connection.schedules[-1].mode == "scheduled":
                assert last_finished(connection, NOON).error is None
                assert current_run(connection, NOON) is None
                if next_start(connection, NOON) - NOON > 300:
                    return connection
        raise LookupError(kinds)

    async def admin(self) -> dict[str, str]:
        if self._admin is None:
            answer = await self.client.post("/link/token", json=client_credentials())
            assert answer.status_code == 200
            self._admin = bearer(answer.json()["access_token"])
        return self._admin

    async def issue(self, connection) -> dict:
        path = f"{self.prefix}/system/connections/{connection.key}/token"
        answer = await self.client.post(path, headers=await self.admin())
        assert answer.status_code == 200
        return answer.json()["data"]

    async def token(self, connection) -> dict[str, str]:
        return bearer((await self.issue(connection))["access_token"])

    async def get(self, path: str, headers: dict[str, str] | None = None, **params: object) -> httpx.Response:
        return await self.client.get(f"{self.prefix}{path}", headers=headers, params=params)

    async def start_sync(self, headers: dict[str, str], key: str | None = None, **body: object):
        extra = {"Idempotency-Key": key} if key else {}
        json = {"type": "manual", "action": "incremental", **body}
        return await self.client.post(f"{self.prefix}/integrations/sync", headers=headers | extra, json=json)

    async def control(self, action: str, connection=None, **parameters: object) -> None:
        if connection is not None:
            parameters["connection"] = connection.key
        answer = await self.client.post("/sandbox/control", json={"action": action, **parameters})
        assert answer.status_code == 200, answer.text

    async def open_login(self, **parameters: str) -> httpx.Response:
        return await self.client.get("/oauth/authorize", params={**login_parameters(), **parameters})

    async def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        action = re.search(r'action="([^"]+)"', page.text)[1]
        login = re.search(r'name="login" value="([^"]+)"', page.text)[1]
        return await self.client.post(urljoin(str(page.url), action), data={"login": login, **fields})

    async def sign_in(self, page: httpx.Response, **fields: str) -> httpx.Response:
        return await self.submit(page, user="admin", password="correct-horse", **fields)

    async def log_in(self, connection, **parameters: str) -> dict[str, str]:
        """Walk all login pages; the parameters of the redirect."""
        page = await self.open_login(connection_id=connection.key, **parameters)
        consent = await self.sign_in(page)
        return returned(await self.submit(consent, decision="allow"))

    async def exchange(self, code: str, **fields: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **client_fields(),
            **fields,
        }
        return await self.client.post("/link/token", data=form)

    async def refresh(self, refresh_token: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **client_fields()}
        return await self.client.post("/link/token", data=form)


def client_fields() -> dict[str, str]:
    return {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def client_credentials() -> dict[str, str]:
    return {"grant_type": "client_credentials", **client_fields()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def login_parameters() -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "state": "the-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def returned(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a redirect to the callback."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
