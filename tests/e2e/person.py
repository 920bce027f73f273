"""A browser for tests, started in the place of the system's: its person signs in, or refuses, and comes back.

`PERSON_DOES` is "sign in", "refuse" or "leave"; what the last page said goes to the file `PERSON_SAW`. The
person has a passkey, and the browser trusts whom `SSL_CERT_FILE` names.
"""

import base64
import json
import os
import re
import ssl
import sys
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.sandbox_process import PASSWORD, USER, submit


def main() -> None:
    does, url = os.environ["PERSON_DOES"], sys.argv[1]
    if does == "leave":
        return
    verify = ssl.create_default_context() if url.startswith("https:") else False
    with httpx.Client(
        trust_env=False, timeout=20, verify=verify, base_url=url.partition("/oauth")[0]
    ) as http:
        page = http.get(url, follow_redirects=True)
        if "Passkey needed" in page.text:
            page = submit(http, page, client_data=signed(page))
            page = http.get(page.headers["Location"]) if page.is_redirect else page
        else:
            page = submit(http, page, user=USER, password=PASSWORD)
        answer = submit(http, page, decision="allow" if does == "sign in" else "refuse")
        shown = http.get(answer.headers["Location"])
        Path(os.environ["PERSON_SAW"]).write_text(f"{shown.status_code}\n{shown.text}")


def signed(page: httpx.Response) -> str:
    """What a passkey says of the page that has asked for it; nobody looks at its signature."""
    found = re.search(r'encode\("([^"]+)"\)', page.text)
    assert found, page.text
    challenge = base64.urlsafe_b64encode(found[1].encode()).rstrip(b"=").decode()
    origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
    return json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": origin})


main()
