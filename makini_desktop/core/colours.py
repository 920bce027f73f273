"""The colours of both themes, for every window of the program; what they colour is decided elsewhere."""

from __future__ import annotations

from typing import NamedTuple


class Tokens(NamedTuple):
    """The colours of one theme as ``#rrggbb``, named after what they are for."""

    background: str
    panel: str
    line: str
    text: str
    secondary: str
    accent: str
    on_accent: str
    selection: str
    hover: str
    banner: str
    reconnect: str
    failing: str
    waiting: str
    good: str
    away: str


LIGHT = Tokens(
    background="#F6F7F9",
    panel="#FFFFFF",
    line="#E1E5EA",
    text="#1B2430",
    secondary="#5B6675",
    accent="#2456D6",
    on_accent="#FFFFFF",
    selection="#E8EEFC",
    hover="#F4F6FA",
    banner="#FFF6DF",
    reconnect="#B3213C",
    failing="#B04300",
    waiting="#855800",
    good="#14724A",
    away="#566171",
)
DARK = Tokens(
    background="#14181E",
    panel="#1B2128",
    line="#2C343F",
    text="#E7ECF2",
    secondary="#97A3B2",
    accent="#7AA2FF",
    on_accent="#14181E",
    selection="#24324F",
    hover="#20272F",
    banner="#3A2F12",
    reconnect="#FF7A8E",
    failing="#FFA066",
    waiting="#F2C24D",
    good="#56CB94",
    away="#A3AEBD",
)
