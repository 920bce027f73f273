"""As many bare httpx requests as a window made: how much of the processor they take, as JSON.

Arguments: address, number, file with tokens, one a line.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import httpx

PACE = 0.02


async def main(base: str, number: int, tokens: list[str]) -> None:
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:

        async def ask(place: int) -> None:
            path = ("/api/v1/integrations/current/status", "/api/v1/sync-status")[place % 2]
            token = tokens[place // 2 % len(tokens)]
            answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in {200, 401, 503}, answer.text  # some customers are broken
            json.loads(answer.content)

        await ask(0)
        cpu = time.process_time()
        for place in range(number):
            await ask(place)
            await asyncio.sleep(PACE)
        print(json.dumps({"cpu": time.process_time() - cpu}), flush=True)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).read_text().split()))
