"""A browser for tests, started in the place of the system's: its person signs in, or refuses, and comes back.

`PERSON_DOES` is "sign in", "refuse" or "leave"; what the last page said goes to the file `PERSON_SAW`.
"""

import os
import sys
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.sandbox_process import PASSWORD, USER, submit


def main() -> None:
    does, url = os.environ["PERSON_DOES"], sys.argv[1]
    if does == "leave":
        return
    with httpx.Client(trust_env=False, timeout=20, base_url=url.partition("/oauth")[0]) as http:
        page = submit(http, http.get(url), user=USER, password=PASSWORD)
        answer = submit(http, page, decision="allow" if does == "sign in" else "refuse")
        shown = http.get(answer.headers["Location"])
        Path(os.environ["PERSON_SAW"]).write_text(f"{shown.status_code}\n{shown.text}")


main()
