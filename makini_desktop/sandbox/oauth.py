"""The token endpoint (contract section 2; RFC 6749 section 5.2, RFC 7636)."""

from __future__ import annotations

import re
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from makini_desktop.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, TOKEN_PATH, Sandbox, logged
from makini_desktop.sandbox.tokens import ACCESS_LIFETIME, verifier_matches
from makini_desktop.sandbox.wire import ApiError, Json, json_response, read_form, read_object

_GRANT = re.compile(rb'grant_type"?\s*[=:]\s*"?([a-z_]+)')


def grant_of(body: bytes) -> str:
    """The grant that a request to the token endpoint asks for, in either form; "" for none."""
    found = _GRANT.search(body)
    return found[1].decode() if found else ""


class OAuthError(Exception):
    """An error of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


class TokenEndpoint:
    """`POST {api}/link/token`.

    `expires_in` comes in all published forms (contract section 2, traps): an absolute time for a login,
    a duration for a refresh and for the admin token.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Where it is reached; without a version segment, as published."""
        return [Route(TOKEN_PATH, self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        """Give a token, or say why not."""
        try:
            body = await self._grant(request)
        except OAuthError as error:
            return json_response({"error": error.error, "error_description": str(error)}, error.status)
        except ApiError as error:
            return json_response({"error": "invalid_request", "error_description": error.message}, 400)
        return json_response(body)

    async def _grant(self, request: Request) -> Json:
        if request.headers.get("Content-Type", "").startswith("application/json"):
            fields = {name: str(value) for name, value in (await read_object(request)).items()}
            offered: tuple[str, ...] = ("client_credentials",)
        else:
            fields = await read_form(request)
            offered = ("authorization_code", "refresh_token")
        grant = fields.get("grant_type", "")
        if grant not in offered:
            expected = "JSON for client_credentials, a form for authorization_code and refresh_token"
            raise OAuthError("unsupported_grant_type", f"Send {expected}.")
        line = logged(request)
        line.grant = grant
        line.has_code_verifier = bool(fields.get("code_verifier"))
        known = compare_digest(fields.get("client_id", "").encode(), CLIENT_ID.encode())
        proven = compare_digest(fields.get("client_secret", "").encode(), CLIENT_SECRET.encode())
        if not (known and proven):
            raise OAuthError("invalid_client", "The client id or its secret is wrong.", 401)
        match grant:
            case "client_credentials":
                return self._admin()
            case "authorization_code":
                return self._exchange(request, fields)
            case _:
                return self._refresh(request, fields)

    def _admin(self) -> Json:
        text, _ = self._sandbox.tokens.issue_admin(self._sandbox.clock())
        return {"access_token": text, "token_type": "Bearer", "expires_in": int(ACCESS_LIFETIME)}

    def _exchange(self, request: Request, fields: dict[str, str]) -> Json:
        sandbox, now = self._sandbox, self._sandbox.clock()
        code = sandbox.tokens.take_code(fields.get("code", ""), now)
        connection = sandbox.world.get(code.connection) if code else None
        if code is None or connection is None:
            raise OAuthError("invalid_grant", "The code is unknown, used or older than ten minutes.")
        logged(request).connection = connection.key
        if fields.get("redirect_uri") != code.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri is not the one the login began with.")
        verifier = fields.get("code_verifier", "")
        if code.challenge is not None and not verifier_matches(verifier, code.challenge):
            raise OAuthError("invalid_grant", "code_verifier does not belong to the login's code_challenge.")
        pair = sandbox.tokens.issue_pair(
            connection.key, now, end_by=connection.tokens_end_by, spare_others=code.spares_others
        )
        connection.token_generation += 1
        sandbox.world.changed(connection)
        return {
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "token_type": "Bearer",
            "expires_in": int(pair.ends_at),
        }

    def _refresh(self, request: Request, fields: dict[str, str]) -> Json:
        sandbox, now = self._sandbox, self._sandbox.clock()
        old = sandbox.tokens.find(fields.get("refresh_token", ""))
        connection = sandbox.world.get(old.connection or "") if old else None
        if old is None or old.kind != "refresh" or old.ends_at <= now or connection is None:
            raise OAuthError("invalid_grant", "The refresh token is unknown, used or expired.")
        logged(request).connection = connection.key
        sandbox.tokens.end_pair(old)
        pair = sandbox.tokens.issue_pair(
            connection.key, now, end_by=connection.tokens_end_by, spare_others=True
        )
        connection.token_generation += 1
        sandbox.world.changed(connection)
        return {
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "token_type": "Bearer",
            "expires_in": int(pair.ends_at - now),
        }
