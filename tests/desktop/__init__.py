"""The desktop that a test brings along: a bus, a keychain, a screen, a tray and a notification service.

Each part is real, private to the test, and ends with its `with` block. `environment` holds what a
process must be given to see the part; nothing is exported by itself.
"""

from tests.desktop.bus import PrivateBus
from tests.desktop.keychain import Keychain
from tests.desktop.notifications import Notification, NotificationDaemon
from tests.desktop.screen import TrayHost, VirtualScreen
from tests.desktop.status_notifier import StatusNotifierWatcher

__all__ = [
    "Keychain",
    "Notification",
    "NotificationDaemon",
    "PrivateBus",
    "StatusNotifierWatcher",
    "TrayHost",
    "VirtualScreen",
]
